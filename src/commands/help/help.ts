import {
  defaultOf,
  flagOf,
  GROUPS,
  hasOption,
  type Setting,
  SETTINGS,
} from "../../settings/settings.ts";
import type { Host } from "../../runtime/types.ts";
import { VERSION } from "../../version.ts";
import type { Command } from "../command.ts";
import { COMMANDS } from "../commands.ts";
import { definitions } from "./definitions.ts";
import { wrap } from "../wrap.ts";

/** Settings of {@linkcode help}. */
export interface HelpOptions {
  /** The command to describe. @default the whole program */
  readonly command?: Command;
  /** Whether to show every setting. @default {false} */
  readonly all?: boolean;
  /** The system, whose shell the example is for. @default {"linux"} */
  readonly os?: Host["os"];
  /** Width of the terminal. @default {80} */
  readonly columns?: number;
}

/** Longest line, since longer ones are hard to read. */
const MAX_COLUMNS = 100;

/** The text of `--help`, from the tables of commands and settings. */
export function help(
  { command, all = false, os = "linux", columns = 80 }: HelpOptions = {},
): string {
  const width = Math.min(columns, MAX_COLUMNS);
  return command ? helpOfCommand(command, os, width) : helpOfProgram(all, width);
}

function helpOfProgram(all: boolean, columns: number): string {
  return [
    `mcp-oauth-proxy ${VERSION}`,
    paragraph(
      "Connects an MCP client on stdio to an MCP server that is protected by OAuth.",
      columns,
    ),
    "",
    "Usage:",
    definitions([
      ["mcp-oauth-proxy [options]", "run the proxy; an MCP client starts it like this"],
      ["mcp-oauth-proxy <command> [options]", "run a command with the same settings"],
    ], columns),
    "Commands:",
    definitions(COMMANDS.map((command) => [usageOf(command), command.description]), columns),
    paragraph(
      "Settings are environment variables. Settings that are not secrets have an option too, and " +
        "options override environment variables.",
      columns,
    ),
    "",
    ...Object.entries(GROUPS)
      .filter(([group]) => all || group === "required" || group === "common")
      .flatMap(([group, title]) => [
        `${title}:`,
        definitions(SETTINGS.filter((setting) => setting.group === group).map(settingRow), columns),
      ]),
    "Help:",
    definitions([
      ["-h, --help", "print the common settings"],
      ["--help --all", "print all settings"],
      ["<command> --help", "describe a command"],
      ["-v, --version", "print the version"],
    ], columns),
    paragraph(
      "Exit codes: 0 success, 1 failure, 2 an argument or a setting is missing or wrong.",
      columns,
    ),
    "",
  ].join("\n");
}

function helpOfCommand(command: Command, os: Host["os"], columns: number): string {
  const options: [string, string][] = command.options.map((
    { name, description, value, values },
  ) => [
    value ? `--${name} <${value}>` : `--${name}`,
    values ? `${description} (${values.join(", ")})` : description,
  ]);
  const words = command.operands.flatMap(({ name, values }) =>
    values ? [paragraph(`The ${name} is one of ${values.join(", ")}.`, columns)] : []
  );
  const description = command.description[0].toUpperCase() + command.description.slice(1);
  const usage = `mcp-oauth-proxy ${usageOf(command)}${options.length > 0 ? " [options]" : ""}`;
  return [
    `Usage: ${wrap(usage, columns - "Usage: ".length).join("\n       ")}`,
    "",
    paragraph(`${description}.`, columns),
    "",
    ...words.flatMap((text) => [text, ""]),
    ...options.length > 0 ? ["Options:", definitions(options, columns)] : [],
    ...exampleOf(command, os, columns),
    "",
  ].join("\n");
}

function exampleOf(
  { example, usesSettings = true }: Command,
  os: Host["os"],
  columns: number,
): string[] {
  if (!usesSettings) return ["Example:", `  ${example}`];
  const more = os === "windows" ? "`" : "\\";
  return [
    paragraph("It uses the settings of the proxy: see mcp-oauth-proxy --help. Example:", columns),
    `  mcp-oauth-proxy ${example} ${more}`,
    `    --client-id my-client ${more}`,
    "    --server-url https://mcp.example.com/mcp",
  ];
}

/** A command with its words, as in its usage line. */
export function usageOf({ name, operands }: Command): string {
  const words = operands.map(({ name, optional }) => optional ? `[${name}]` : `<${name}>`);
  return [name, ...words].join(" ");
}

function settingRow(setting: Setting): [string, string] {
  const option = hasOption(setting) ? `, --${flagOf(setting)}` : "";
  return [setting.variable + option, describe(setting)];
}

/** What a setting means, with its values and its default. */
export function describe(setting: Setting): string {
  const values = setting.values && setting.kind !== "flag" ? ` (${setting.values.join(", ")})` : "";
  const unset = defaultOf(setting);
  const otherwise = unset ? ` [default: ${unset}]` : "";
  return `${setting.description}${values}${otherwise}`;
}

function paragraph(text: string, columns: number): string {
  return wrap(text, columns).join("\n");
}
