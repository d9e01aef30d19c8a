/**
 * Runs the integration tests on the program with exactly the permissions of the binary:
 * `deno task test:permissions [paths]`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { ALL_PERMISSIONS } from "../src/commands/permissions/flags.ts";

const cli = fileURLToPath(new URL("../cli.ts", import.meta.url));
const command = [Deno.execPath(), "run", "--no-prompt", ...ALL_PERMISSIONS, cli];
const paths = Deno.args.length > 0 ? Deno.args : ["tests/integration"];
const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["test", "-A", "--parallel", ...paths],
  env: { MCP_PROXY_COMMAND: JSON.stringify(command) },
}).spawn().status;
Deno.exitCode = code;
