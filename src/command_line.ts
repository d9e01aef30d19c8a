import { parseArgs } from "@std/cli/parse-args";
import type { Command, Invocation } from "./commands/command.ts";
import { COMMANDS } from "./commands/commands.ts";
import { flagOf, type Setting, SETTINGS } from "./settings/settings.ts";

/** What the arguments say. */
export interface CommandLine extends Omit<Invocation, "settings" | "runtime"> {
  /** The command that is asked for; absent: the proxy. */
  readonly command?: Command;
  /** What to print instead of doing anything. */
  readonly about?: "help" | "version";
  /** Why no command can be run at all, in one line. */
  readonly misuse?: string;
  /** What is wrong with the options of the settings, a line each. */
  readonly problems: readonly string[];
}

/**
 * Reads the arguments.
 *
 * @param args arguments after the program's name
 * @param env one environment variable
 */
export function readCommandLine(
  args: readonly string[],
  env: (name: string) => string | undefined,
): CommandLine {
  const flagged = SETTINGS.filter((setting) => !setting.secret);
  const options = COMMANDS.flatMap(({ options }) => options);
  const switches = [
    ...flagged.filter((setting) => setting.switch).map(flagOf),
    ...options.filter(({ value }) => !value).map(({ name }) => name),
  ];
  const problems: string[] = [];
  const parsed = parseArgs(spelledOut(args, switches), {
    boolean: ["help", "version"],
    string: ["_", ...flagged.map(flagOf), ...options.map(({ name }) => name)],
    alias: { help: "h", version: "v" },
    unknown: (argument: string, key?: string) => {
      if (key === undefined) return true;
      const problem = complaint(argument);
      if (!problems.includes(problem)) problems.push(problem); // One for each letter of `-abc`.
      return false;
    },
  });
  for (const setting of flagged) {
    if (parsed[flagOf(setting)] === "") problems.push(`--${flagOf(setting)}: needs a value`);
  }

  const [word, ...operands] = parsed._.map(String);
  const command = COMMANDS.find(({ name }) => name === word);
  const ofSetting = (setting: Setting) => setting.secret ? undefined : parsed[flagOf(setting)];
  const ownOptions = Object.fromEntries(
    options.map(({ name, value }) => [name, value ? parsed[name] : switched(parsed[name])])
      .filter(([, value]) => value !== undefined),
  );
  return {
    command,
    operands,
    options: ownOptions,
    about: parsed.help ? "help" : parsed.version ? "version" : undefined,
    misuse: misuse(word, command, operands, ownOptions),
    problems,
    source(setting) {
      const value = ofSetting(setting);
      return value === undefined ? env(setting.variable) : String(value);
    },
    origin(setting) {
      if (ofSetting(setting) !== undefined) return "option";
      return env(setting.variable) ? "environment" : undefined;
    },
  };
}

/**
 * The arguments with `=true` behind switches that go without a value. `parseArgs` takes any value of
 * a switch but `false` for `true`: `--allow-http=no` would allow it.
 */
function spelledOut(args: readonly string[], switches: readonly string[]): string[] {
  const isSwitch = (argument: string) => switches.some((name) => argument === `--${name}`);
  const hasValue = (next: string | undefined) => next === "true" || next === "false";
  return args.map((argument, at) =>
    isSwitch(argument) && !hasValue(args[at + 1]) ? `${argument}=true` : argument
  );
}

/** A command's switch: on, off as if it were not there, or what is no value of a switch. */
function switched(value: unknown): unknown {
  if (value === "false") return undefined;
  return value === "true" ? true : value;
}

/** What is wrong with the words and the command's own options. */
function misuse(
  word: string | undefined,
  command: Command | undefined,
  operands: readonly string[],
  given: Readonly<Record<string, unknown>>,
): string | undefined {
  // What was written may be a secret that was meant for another place, so it is not repeated.
  if (word !== undefined && !command) {
    const known = COMMANDS.map(({ name }) => name).join(", ");
    return `no such command. There are ${known}; without one it is the proxy`;
  }
  const takes = command?.operands ?? [];
  const missing = takes.filter(({ optional }) => !optional)[operands.length];
  if (missing) return `${word} needs ${described(missing)}`;
  if (operands.length > takes.length) return `too many arguments for ${word}`;
  const wrong = takes.find(({ values }, at) => isWrong(operands[at], values));
  if (wrong) return `${word} needs ${described(wrong)}`;
  for (const [name, value] of Object.entries(given)) {
    const option = command?.options.find((option) => option.name === name);
    if (!option) return `--${name} is no option of ${word ?? "the proxy"}`;
    if (!option.value && value !== true) return `--${name} takes no value`;
    const expected = { name: `a ${option.value}`, values: option.values };
    if (value === "" || isWrong(value, option.values)) {
      return `--${name} needs ${described(expected)}`;
    }
  }
  return undefined;
}

function isWrong(value: unknown, values: readonly string[] | undefined): boolean {
  return value !== undefined && values !== undefined && !values.includes(String(value));
}

function described({ name, values }: { name: string; values?: readonly string[] }): string {
  return values ? `${name}: ${values.join(", ")}` : name;
}

function complaint(argument: string): string {
  const name = argument.replace(/^-+/, "").split("=")[0];
  const secret = SETTINGS.find((setting) => setting.secret && flagOf(setting) === name);
  if (secret) {
    return `--${name}: secrets are not taken as arguments, which others can see; ` +
      `set ${secret.variable}`;
  }
  // The value may be a secret too, with `-` right behind the letter; only the name is repeated.
  const written = argument.startsWith("--") ? argument.split("=")[0] : argument.slice(0, 2);
  return `${written}: not known; see mcp-oauth-proxy --help`;
}
