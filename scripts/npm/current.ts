import { nodeRuntime } from "../../src/runtime/node/runtime.ts";
import type { Runtime } from "../../src/runtime/types.ts";

/** Stands in for `src/runtime/current.ts` in the npm package, which has no use for Deno's adapter. */
export function currentRuntime(): Promise<Runtime> {
  return Promise.resolve(nodeRuntime);
}
