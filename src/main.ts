import { type CommandLine, readCommandLine } from "./command_line.ts";
import { print } from "./commands/print.ts";
import { messageOf } from "./errors.ts";
import { type Running, runProxy } from "./proxy.ts";
import type { Runtime } from "./runtime/types.ts";
import { readSettings, SettingsError } from "./settings/settings.ts";
import { VERSION } from "./version.ts";

/**
 * The command: arguments and environment in, exit code out.
 *
 * @param runtime the machine
 * @returns 0 when done, 1 where it failed, 2 where an argument or a setting is missing or wrong
 */
export async function main(runtime: Runtime): Promise<number> {
  const line = readCommandLine(runtime.args, runtime.env);
  try {
    if (line.about) {
      await print(runtime, line.about === "version" ? `${VERSION}\n` : await helpFor(line));
      return 0;
    }
    if (line.misuse) {
      const help = line.command ? `${line.command.name} --help` : "--help";
      runtime.writeStderr(`[Error] ${line.misuse}; see mcp-oauth-proxy ${help}\n`);
      return 2;
    }
    let proxy: Running | undefined;
    runtime.onStop((exitCode) => {
      proxy?.sumUp();
      runtime.exit(exitCode);
    });
    const settings = () => readSettings(line.source, runtime.readTextFile, line.problems);
    if (line.command) {
      // Not all commands ask for the settings, with which the proxy tells them.
      if (line.problems.length > 0) throw new SettingsError(line.problems);
      return await (await line.command.load()).run({ ...line, settings, runtime });
    }
    await runProxy(await settings(), runtime, (started) => {
      proxy = started;
      runtime.onFault(started.fault);
    });
    return 0;
  } catch (error) {
    if (!(error instanceof SettingsError)) {
      runtime.writeStderr(`[Error] ${messageOf(error)}\n`);
      return 1;
    }
    const lines = error.problems.map((problem) => `  ${problem}\n`).join("");
    runtime.writeStderr(`[OAuth Proxy] Cannot start, because of these settings:\n${lines}`);
    return 2;
  }
}

async function helpFor({ command }: CommandLine): Promise<string> {
  return (await import("./commands/help/help.ts")).help(command);
}
