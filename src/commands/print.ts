import type { Runtime } from "../runtime/types.ts";

/** Writes text to standard output. A reader that closes the pipe, such as `head`, has what it wanted. */
export async function print(runtime: Pick<Runtime, "writeStdout">, text: string): Promise<void> {
  try {
    await runtime.writeStdout(new TextEncoder().encode(text));
  } catch (error) {
    if ((error as { code?: string }).code !== "EPIPE") throw error;
  }
}
