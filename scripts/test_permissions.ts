/**
 * Runs integration tests on the program with few permissions, and not with `-A`:
 *
 *     deno task test:permissions [paths]             exactly the permissions of the binary
 *     deno task test:permissions --printed [paths]   exactly what `permissions` prints
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { ALL_PERMISSIONS } from "../src/commands/permissions/flags.ts";

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const deno = [Deno.execPath(), "run"];

const BINARY = {
  command: [...deno, "--no-prompt", ...ALL_PERMISSIONS, path("../cli.ts")],
  paths: ["tests/integration"],
};
/** `permissions` asks the servers too, so these are files whose tests do not count all requests. */
const PRINTED = {
  command: [...deno, "-A", path("with_printed_permissions.ts")],
  paths: [
    "auth_dpop",
    "auth_grants",
    "auth_methods",
    "auth_mutual_tls",
    "auth_token_cache",
    "eras_modern",
    "network_proxies",
    "network_tls",
    "official_client",
  ].map((name) => `tests/integration/${name}_test.ts`),
};

const given = Deno.args.filter((argument) => argument !== "--printed");
const { command, paths } = Deno.args.includes("--printed") ? PRINTED : BINARY;
const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["test", "-A", "--parallel", ...given.length > 0 ? given : paths],
  env: { MCP_PROXY_COMMAND: JSON.stringify(command) },
}).spawn().status;
Deno.exitCode = code;
