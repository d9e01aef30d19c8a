import { concat } from "./bytes.ts";
import type { Reply } from "./peer.ts";

const NEWLINE = 10;
const decoder = new TextDecoder();

/**
 * Cuts a byte stream into lines and hands each to `emit`. The parts of a long line are kept as they
 * came: joining and decoding 32 MB would count as time of the contender.
 */
export async function eachLine(
  stream: ReadableStream<Uint8Array>,
  emit: (line: Line) => void,
): Promise<void> {
  let parts: Uint8Array[] = [];
  for await (const chunk of stream) {
    let start = 0;
    for (let end; (end = chunk.indexOf(NEWLINE, start)) >= 0; start = end + 1) {
      parts.push(chunk.subarray(start, end));
      emit(line(parts));
      parts = [];
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  }
}

/** One line of a contender's stdout. */
export interface Line extends Reply {
  /** Its JSON-RPC id: a number of ours, or undefined in a notification. */
  id: number | undefined;
}

function line(parts: Uint8Array[]): Line {
  const first = parts[0];
  const last = parts[parts.length - 1];
  const head = decoder.decode(first.subarray(0, 400));
  // The id stands before or behind what is long, never within.
  const tail = parts.length > 1 || first.length > 400 ? decoder.decode(last.subarray(-100)) : "";
  const id = /"id"\s*:\s*(\d+)/.exec(head) ?? /"id"\s*:\s*(\d+)/.exec(tail);
  return { head, id: id ? Number(id[1]) : undefined, bytes: () => concat(parts) };
}
