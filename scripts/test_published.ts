/**
 * Runs tests on the program as a user of `jsr:` gets it: published to a registry on loopback, loaded
 * from there over HTTP, with `--no-config`. `deno task test:published [paths]`.
 *
 * Without paths these are the tests of networks, of `check` and of the relay: a module that is not a
 * file on this machine behaves in its own way there.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };
import { startJsrRegistry } from "../tests/parts/jsr_registry.ts";

const TESTS = /^(network_.*|relay_.*|command_check)_test\.ts$/;

function testPaths(): string[] {
  if (Deno.args.length > 0) return Deno.args;
  const folder = "tests/integration";
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name);
  return names.filter((name) => TESTS.test(name)).map((name) => `${folder}/${name}`);
}

async function deno(args: string[], env: Record<string, string>): Promise<void> {
  const { code } = await new Deno.Command(Deno.execPath(), { args, env }).spawn().status;
  if (code !== 0) Deno.exit(code);
}

const registry = await startJsrRegistry();
const environment = { JSR_URL: registry.url };
const program = `jsr:${config.name}`;
await deno(["run", "-A", "scripts/publish.ts", "--quiet", "--token", "any"], environment);
// The tests do not wait for downloads.
await deno(["cache", "--quiet", "--no-config", program], environment);
const command = [Deno.execPath(), "run", "-A", "--quiet", "--no-config", program];
await deno(["test", "-A", "--parallel", ...testPaths()], {
  ...environment,
  MCP_PROXY_COMMAND: JSON.stringify(command),
});
Deno.exit();
