import type { Runtime } from "../runtime/types.ts";

/** Writes text to standard output. A reader that has gone, as `head` does, has what it wanted. */
export async function print(runtime: Pick<Runtime, "writeStdout">, text: string): Promise<void> {
  try {
    await runtime.writeStdout(new TextEncoder().encode(text));
  } catch (error) {
    if ((error as { code?: string }).code !== "EPIPE") throw error;
  }
}
