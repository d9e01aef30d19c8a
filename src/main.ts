import { type CommandLine, readCommandLine } from "./command_line.ts";
import type { ClientEntry } from "./commands/from_client/entry.ts";
import type { ClientName } from "./commands/names.ts";
import { print } from "./commands/print.ts";
import { messageOf } from "./errors.ts";
import { type Running, runProxy } from "./proxy.ts";
import type { Runtime } from "./runtime/types.ts";
import { readSettings, SettingsError } from "./settings/settings.ts";
import { VERSION } from "./version.ts";

const HOW_TO_SET = `Set them in the "env" of the entry in your MCP client, or on the command line:
  mcp-oauth-proxy check --client-id my-client --server-url https://mcp.example.com/mcp
`;

/** Milliseconds after a signal within which the process ends, whatever the server does. */
const STOP_WITHIN = 1_500;

/** For people who start the proxy by hand. */
const WAITING = `This is the proxy: it waits for an MCP client on stdin, which normally starts it.
To test the connection, press Ctrl-C and run: mcp-oauth-proxy check
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
    if (line.misuse) {
      const help = line.command ? `${line.command.name} --help` : "--help";
      runtime.writeStderr(`[Error] ${line.misuse}; see mcp-oauth-proxy ${help}\n`);
      return 2;
    }
    const { command } = line;
    let entry: ClientEntry | undefined;
    if (command && line.options.from) {
      entry = await entryFor(line, runtime);
      const { args, env } = entry;
      line = { ...readCommandLine([...args, ...runtime.args], (name) => env[name]), command };
      if (line.misuse) throw new Error(`${entry.file}: ${line.misuse}`);
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
    const settings = () => readSettings(line.source, runtime.readTextFile, line.problems);
    if (command) {
      // Some commands do not read the settings, which would report these problems.
      if (line.problems.length > 0) throw new SettingsError(line.problems);
      return await (await command.load()).run({ ...line, settings, entry, runtime });
    }
    const known = await settings();
    if (runtime.stdinIsTerminal()) runtime.writeStderr(WAITING);
    await runProxy(known, runtime, (started) => {
      proxy = started;
      runtime.onFault(started.fault);
    });
    return stopCode ?? 0;
  } catch (error) {
    if (!(error instanceof SettingsError)) {
      runtime.writeStderr(`[Error] ${messageOf(error)}\n`);
      return 1;
    }
    const lines = error.problems.map((problem) => `  ${problem}\n`).join("");
    runtime.writeStderr(
      `[OAuth Proxy] Cannot start because of these settings:\n${lines}${
        line.problems.length > 0 ? "" : HOW_TO_SET
      }`,
    );
    return 2;
  }
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
  return help({ command, all, columns: (await runtime.host()).columns() });
}
