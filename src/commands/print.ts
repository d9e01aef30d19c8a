import type { Runtime } from "../runtime/types.ts";

/** Writes text to standard output. */
export function print(runtime: Pick<Runtime, "writeStdout">, text: string): Promise<void> {
  return runtime.writeStdout(new TextEncoder().encode(text));
}
