/** The command of the npm package. */
import { main } from "./main.ts";
import { nodeRuntime } from "./runtime/node/runtime.ts";

main(nodeRuntime).then((code) => nodeRuntime.exit(code));
