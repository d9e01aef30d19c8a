import { unlessAborted, withTimeout } from "../async/timing.ts";
import { SETTINGS_FILE } from "../limits.ts";

/** What may be read of a file. */
export interface FileLimits {
  /** Most bytes. */
  readonly size: number;
  /** Most milliseconds. */
  readonly time: number;
}

/**
 * Reads a file that the user names, on Deno and on Node. It may be a FIFO, such as bash makes of
 * `<(command)`, or a device that never ends.
 *
 * @param open opens the file; on a FIFO, this waits until somebody writes to it
 * @param limits what may be read. @default that of a file of the settings
 * @returns the bytes
 */
export async function readBounded(
  open: () => Promise<AsyncIterable<Uint8Array>>,
  { size, time }: FileLimits = SETTINGS_FILE,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;

  async function read(signal: AbortSignal): Promise<void> {
    for await (const chunk of await open()) {
      length += chunk.length;
      if (length > size) throw new Error(`it has more than ${size >> 20} MiB`);
      if (signal.aborted) return;
      parts.push(new Uint8Array(chunk));
    }
  }

  await withTimeout(time, async (signal) => {
    await unlessAborted(read(signal), signal).catch((error) => {
      if (!signal.aborted) throw error;
      throw new Error(`it did not end within ${time / 1000} s`, { cause: error });
    });
  });
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** The same as text. A byte order mark stays. */
export async function readBoundedText(...file: Parameters<typeof readBounded>): Promise<string> {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await readBounded(...file));
}
