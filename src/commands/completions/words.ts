/** The words that the completion scripts of all shells know. */

import { flagOf, hasOption, type Setting, SETTINGS } from "../../settings/settings.ts";
import type { Kind } from "../../settings/setting.ts";
import type { Command } from "../command.ts";
import { COMMANDS } from "../commands.ts";
import { describe } from "../help/help.ts";

/** The name of the program, as the shell knows it. */
export const PROGRAM = "mcp-oauth-proxy";

/** An option as completions describe it. */
export interface OptionWord {
  /** The option without `--`. */
  readonly name: string;
  /** What it means, in a few words. */
  readonly description: string;
  /** What its value can be: one of these, a file, or anything. Absent if it takes no value. */
  readonly value?: readonly string[] | "file" | "any";
}

/** Kinds of settings that are paths. */
const PATHS: readonly Kind[] = ["file", "folder", "output"];

/** The options that every command has: those of the settings, `--help` and `--version`. */
export const COMMON_OPTIONS: readonly OptionWord[] = [
  ...SETTINGS.filter(hasOption).map((setting): OptionWord => ({
    name: flagOf(setting),
    description: describe(setting),
    value: valueOf(setting),
  })),
  { name: "help", description: "print the help" },
  { name: "version", description: "print the version" },
];

function valueOf({ kind, values }: Setting): OptionWord["value"] {
  if (kind === "flag") return undefined;
  return values ?? (PATHS.includes(kind) ? "file" : "any");
}

/** The options that only this command has. */
export function ownOptions({ options }: Command): OptionWord[] {
  return options.map(({ name, description, value, values }) => ({
    name,
    description,
    value: value ? values ?? "any" : undefined,
  }));
}

/** The words that can follow a command, if they are a list. */
export function operandWords({ operands }: Command): readonly string[] {
  return operands[0]?.values ?? [];
}

/** All commands, by name, as an alternative of a shell's `case`. */
export const ANY_COMMAND: string = COMMANDS.map(({ name }) => name).join("|");
