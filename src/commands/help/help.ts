import { flagOf, type Setting, SETTINGS } from "../../settings/settings.ts";
import { VERSION } from "../../version.ts";
import type { Command } from "../command.ts";
import { COMMANDS } from "../commands.ts";

/**
 * The text of `--help`, from the tables of commands and settings.
 *
 * @param command the command it is about; the whole program if left out
 */
export function help(command?: Command): string {
  return command ? helpOfCommand(command) : helpOfProgram();
}

function helpOfProgram(): string {
  return `mcp-oauth-proxy ${VERSION}
Lets an MCP client that speaks stdio use an MCP server that is protected by OAuth.

Usage: mcp-oauth-proxy [options]             the proxy, as an MCP client starts it
       mcp-oauth-proxy <command> [options]   something else, with the same settings

Commands:

${table(COMMANDS.map((command) => [usageOf(command), command.meaning]))}

Settings are environment variables; those that are no secrets have an option too, which wins:

${table(SETTINGS.map(settingRow))}

${ABOUT}

Exit codes: 0 done, 1 it failed, 2 an argument or a setting is missing or wrong.
`;
}

function helpOfCommand(command: Command): string {
  const options = command.options.map(({ name, meaning, value, values }) => [
    value ? `--${name} <${value}>` : `--${name}`,
    values ? `${meaning} (${values.join(", ")})` : meaning,
  ]);
  const words = command.operands.filter(({ values }) => values)
    .map(({ name, values }) => `\n<${name}> is one of ${values!.join(", ")}.\n`);
  return `Usage: mcp-oauth-proxy ${usageOf(command)}${options.length > 0 ? " [options]" : ""}
To ${command.meaning}.
${words.join("")}${options.length > 0 ? `\n${table(options)}\n` : ""}
The settings and their options are the proxy's: see mcp-oauth-proxy --help.
`;
}

/** A command with its words, as `--help` has it. */
export function usageOf({ name, operands }: Command): string {
  const words = operands.map(({ name, optional }) => optional ? `[${name}]` : `<${name}>`);
  return [name, ...words].join(" ");
}

const ABOUT = table([["-h, --help", "print this"], ["-v, --version", "print the version"]]);

function settingRow(setting: Setting): string[] {
  return [setting.variable, setting.secret ? "" : `--${flagOf(setting)}`, meaning(setting)];
}

/** What a setting means, its values and its default, on one line. */
export function meaning(setting: Setting): string {
  const values = setting.values && !setting.switch ? ` (${setting.values.join(", ")})` : "";
  const otherwise = setting.default ? ` [${setting.default}]` : "";
  return `${setting.meaning}${values}${otherwise}`;
}

/** Rows as lines, with the columns under each other; the last one as long as it likes. */
function table(rows: readonly string[][]): string {
  const widths = rows[0].slice(0, -1).map((_, at) =>
    Math.max(...rows.map((row) => row[at].length))
  );
  return rows.map((row) =>
    "  " + row.map((text, at) => at < widths.length ? text.padEnd(widths[at]) : text).join("  ")
  ).join("\n");
}
