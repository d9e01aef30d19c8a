import type { Runtime } from "./types.ts";

/** The adapter of the runtime that this program is run by; the other one is not loaded. */
export async function currentRuntime(): Promise<Runtime> {
  return "Deno" in globalThis
    ? (await import("./deno/runtime.ts")).denoRuntime
    : (await import("./node/runtime.ts")).nodeRuntime;
}
