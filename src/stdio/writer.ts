import type { Text } from "../json/text.ts";
import { escapeSeparators, escapeSeparatorsInBytes } from "./separators.ts";

/** Standard output as lines, in the order of the calls. */
export interface LineWriter {
  /** Queues a line; resolves when it has been written, or never if the reader is gone. */
  write(line: Text): Promise<void>;
  /** Resolves when everything queued has been written. */
  flushed(): Promise<void>;
  /** Resolves when the reader closes the pipe. */
  readonly closed: Promise<void>;
}

/**
 * Writes lines to `sink`. Lines that are ready at the same time are written together.
 *
 * @param sink writes a chunk and resolves when there is room again; rejects when the reader is gone
 */
export function createLineWriter(sink: (chunk: Uint8Array) => Promise<void>): LineWriter {
  const encoder = new TextEncoder();
  let close: () => void;
  const closed = new Promise<void>((resolve) => close = resolve);
  let queue: Text[] = [];
  let batch: Promise<void> | undefined;
  let writing: Promise<void> = Promise.resolve();

  async function writeQueue(): Promise<void> {
    await writing; // What comes in the meantime joins this batch.
    const lines = queue;
    queue = [];
    batch = undefined;
    writing = writeAll(lines).catch(() => {
      close();
      return new Promise<never>(() => {});
    });
    await writing;
  }

  async function writeAll(lines: readonly Text[]): Promise<void> {
    let text = "";
    for (const line of lines) {
      if (typeof line === "string") text += escapeSeparators(line) + "\n";
      else {
        if (text !== "") await sink(encoder.encode(text));
        for (const piece of escapeSeparatorsInBytes(line.pieces)) await sink(piece);
        text = "\n";
      }
    }
    if (text !== "") await sink(encoder.encode(text));
  }

  return {
    closed,
    write(line) {
      queue.push(line);
      batch ??= writeQueue();
      return batch;
    },
    async flushed() {
      await (batch ?? writing);
    },
  };
}
