import { type CommandLine, readCommandLine } from "./command_line.ts";
import type { ClientEntry } from "./commands/from_client/entry.ts";
import type { ClientName } from "./commands/names.ts";
import { environmentWarnings } from "./commands/environment_warnings.ts";
import { print } from "./commands/print.ts";
import { reportError, UsageError } from "./commands/startup_errors.ts";
import { stderrAndFile } from "./log/log_file.ts";
import { type Running, runProxy } from "./proxy.ts";
import type { Runtime } from "./runtime/types.ts";
import { readSettings, type Setting, SETTINGS } from "./settings/settings.ts";
import { VERSION } from "./version.ts";
import { STOP_WITHIN } from "./limits.ts";

/** For people who start the proxy by hand. */
const waiting = (program: string) =>
  `This is the proxy: it waits for an MCP client on stdin, which normally starts it.
To test the connection, press Ctrl-C and run: ${program} check
`;

/**
 * Runs the program with the arguments and the environment of the process.
 *
 * @returns the exit code: 0 success, 1 failure, 2 if an argument or a setting is missing or wrong
 */
export async function main(runtime: Runtime): Promise<number> {
  let line = readCommandLine(runtime.args, runtime.env);
  try {
    if (line.about) {
      await print(
        runtime,
        line.about === "version" ? `${VERSION}\n` : await helpFor(line, runtime),
      );
      return 0;
    }
    if (line.problems.length > 0) throw new UsageError(line.problems);
    const { command } = line;
    let warnings = environmentWarnings(runtime.envNames(), runtime.env);
    let isPermitted = ({ variable }: Setting) => runtime.mayReadEnv(variable);
    let entry: ClientEntry | undefined;
    if (command && line.options.from) {
      entry = await entryFor(line, runtime);
      const { args, env } = entry;
      line = { ...readCommandLine([...args, ...runtime.args], (name) => env[name]), command };
      if (line.problems.length > 0) throw new Error(`${entry.file}: ${line.problems.join("; ")}`);
      warnings = environmentWarnings(Object.keys(env), (name) => env[name]);
      isPermitted = () => true;
    }
    let proxy: Running | undefined;
    let stopCode: number | undefined;
    runtime.onStop((exitCode) => {
      const isFirst = stopCode === undefined;
      stopCode = exitCode;
      if (!proxy) runtime.exit(exitCode);
      const leave = () => {
        proxy?.sumUp();
        runtime.exit(exitCode);
      };
      if (!isFirst) return leave();
      setTimeout(leave, STOP_WITHIN);
      proxy.stop();
    });
    const settings = () =>
      readSettings(line.source, runtime.readTextFile, { warnings, isPermitted });
    if (command) {
      return await (await command.load()).run({ ...line, settings, entry, runtime });
    }
    const known = await settings();
    if (runtime.stdinIsTerminal()) runtime.writeStderr(waiting(runtime.program()));
    await runProxy(known, runtime, (started) => {
      proxy = started;
      runtime.onFault(started.fault);
    });
    return stopCode ?? 0;
  } catch (error) {
    const writeStderr = line.command ? runtime.writeStderr : await withLogFile(line, runtime);
    const { os, isTerminal, columns } = await runtime.host();
    return reportError(error, line.source, {
      writeStderr,
      program: runtime.program(),
      os,
      columns: isTerminal("stderr") ? columns() : undefined,
    });
  }
}

/** The log of a proxy that cannot start, also in its file, since clients may hide stderr. */
function withLogFile({ source }: CommandLine, runtime: Runtime): Promise<(line: string) => void> {
  const textOf = (key: string) => {
    const setting = SETTINGS.find((setting) => setting.key === key);
    return setting && source(setting);
  };
  const format = textOf("logFormat") === "json" ? "json" : "text";
  return stderrAndFile(textOf("logFile"), format, runtime).catch(() => runtime.writeStderr);
}

/** The entry of an MCP client that `--from` names. Its other variables apply to this process. */
async function entryFor({ command, options, operands }: CommandLine, runtime: Runtime) {
  const { readEntry } = await import("./commands/from_client/entry.ts");
  const operand = operands[command?.operands.findIndex(({ needs }) => needs === "from") ?? -1];
  const entry = await readEntry({
    client: options.from as ClientName,
    name: operand ?? options.name as string | undefined,
    project: options.project === true,
  }, runtime);
  const { setVariable } = await runtime.host();
  for (const [name, value] of Object.entries(entry.env)) {
    if (!name.startsWith("MCP_")) setVariable(name, value);
  }
  for (const note of entry.notes) runtime.writeStderr(`${note}\n`);
  return entry;
}

async function helpFor({ command, all }: CommandLine, runtime: Runtime): Promise<string> {
  const { help } = await import("./commands/help/help.ts");
  const { os, columns } = await runtime.host();
  return help({ command, all, os, columns: columns() });
}
