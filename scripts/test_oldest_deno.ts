/**
 * Runs the integration tests on the program under the oldest Deno that README promises:
 * `deno task test:oldest [paths]`. The tests themselves run under this Deno.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { NPM } from "./npm/run.ts";
import { OLDEST_DENO } from "./release/oldest_deno.ts";

const found = await new Deno.Command(NPM, {
  args: ["exec", "-y", `deno@${OLDEST_DENO}`, "--", "eval", "console.log(Deno.execPath())"],
  cwd: await Deno.makeTempDir(), // npm would read the configuration of a folder with one.
  stderr: "inherit",
}).output();
if (!found.success) Deno.exit(1);
const oldest = new TextDecoder().decode(found.stdout).trim();
const cli = fileURLToPath(new URL("../cli.ts", import.meta.url));
const paths = Deno.args.length > 0 ? Deno.args : ["tests/integration"];
const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["test", "-A", "--parallel", ...paths],
  env: { MCP_PROXY_COMMAND: JSON.stringify([oldest, "run", "-A", "--quiet", cli]) },
}).spawn().status;
Deno.exitCode = code;
