/**
 * Runs tests with the packages of JSR instead of their stand-ins in `links/`:
 * `deno task test:jsr [paths]`. Without paths it checks the types of the program and runs the tests of
 * the stand-ins. Needs JSR.
 *
 * No lock file is read or written: the committed one has the versions of the stand-ins.
 *
 * @module
 */
import { withPublishedConfig } from "./release/published_config.ts";

const root = new URL("..", import.meta.url);

async function deno(...args: string[]): Promise<void> {
  const { success, code } = await new Deno.Command(Deno.execPath(), { args, cwd: root }).spawn()
    .status;
  if (!success) throw new Error(`deno ${args[0]} ended with ${code}`);
}

try {
  await withPublishedConfig(async (configFile) => {
    const jsr = ["--config", configFile, "--no-lock"];
    if (Deno.args.length === 0) await deno("check", ...jsr, "mod.ts", "cli.ts");
    await deno("test", ...jsr, "-A", ...(Deno.args.length ? Deno.args : ["tests/links"]));
  });
} catch (error) {
  console.error(String(error));
  Deno.exitCode = 1;
}
