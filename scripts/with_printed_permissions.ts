/**
 * Runs the proxy with exactly the permissions that `permissions` prints for its settings.
 * `deno task test:permissions --printed` runs integration tests on this command.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(new URL("../cli.ts", import.meta.url));
const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
  args: ["run", "-A", cli, "permissions", ...Deno.args],
  stdin: "null",
  stdout: "piped",
  stderr: "piped",
}).output();
if (!success) {
  Deno.stderr.writeSync(stderr);
  Deno.exit(1);
}
// The sources need the deno.json next to them, so --no-config is left out.
const flags = [...new TextDecoder().decode(stdout).matchAll(/'([^']*)'|(\S+)/g)]
  .map(([, quoted, plain]) => quoted ?? plain)
  .filter((flag) => flag !== "--no-config");
const proxy = new Deno.Command(Deno.execPath(), {
  args: ["run", "--no-prompt", ...flags, cli, ...Deno.args],
}).spawn();
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.addSignalListener(signal, () => proxy.kill(signal));
}
Deno.exit((await proxy.status).code);
