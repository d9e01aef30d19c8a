/**
 * Runs tests with the packages of JSR instead of their stand-ins in `links/`: `deno task test:jsr [paths]`, by default
 * the type check of the program and the tests of the stand-ins. Needs JSR.
 *
 * The configuration is deno.json without `links`, in a temporary folder, and no lock file is read or written: the
 * committed one knows the stand-ins' versions.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };

const root = new URL("..", import.meta.url);
const folder = await Deno.makeTempDir({ prefix: "mcp-oauth-proxy-jsr-" });
const configFile = `${folder}/deno.json`;

async function deno(...args: string[]): Promise<void> {
  const { success, code } = await new Deno.Command(Deno.execPath(), { args, cwd: root }).spawn()
    .status;
  if (!success) throw new Error(`deno ${args[0]} ended with ${code}`);
}

try {
  await Deno.writeTextFile(configFile, JSON.stringify({ ...config, links: undefined }));
  const jsr = ["--config", configFile, "--no-lock"];
  if (Deno.args.length === 0) await deno("check", ...jsr, "mod.ts", "cli.ts");
  await deno("test", ...jsr, "-A", ...(Deno.args.length ? Deno.args : ["tests/links"]));
} catch (error) {
  console.error(String(error));
  Deno.exitCode = 1;
} finally {
  await Deno.remove(folder, { recursive: true });
}
