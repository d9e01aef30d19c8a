import v8 from "node:v8";
import vm from "node:vm";

v8.setFlagsFromString("--expose-gc");
const collectGarbage = vm.runInNewContext("gc") as () => void;

/** Bytes of the JavaScript heap that are in use once what nobody needs has been collected. */
export async function heapInUse(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    // Finalizers and weak references have their turn between collections.
    await new Promise((resolve) => setTimeout(resolve));
    collectGarbage();
  }
  return Deno.memoryUsage().heapUsed;
}
