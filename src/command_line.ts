import { parseArgs } from "@std/cli/parse-args";
import type { Command, Invocation } from "./commands/command.ts";
import { COMMANDS } from "./commands/commands.ts";
import { didYouMean } from "./commands/suggestion.ts";
import { flagOf, hasOption, type Setting, SETTINGS } from "./settings/settings.ts";

/** What the arguments say. */
export interface CommandLine extends Omit<Invocation, "settings" | "runtime"> {
  /** The command to run; absent for the proxy. */
  readonly command?: Command;
  /** What to print instead of running anything. */
  readonly about?: "help" | "version";
  /** Whether the help shows every setting. */
  readonly all: boolean;
  /** Why nothing can be run, one line each. */
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
  const flagged = SETTINGS.filter(hasOption);
  const options = COMMANDS.flatMap(({ options }) => options);
  const switches = [
    ...flagged.filter(({ kind }) => kind === "flag").map(flagOf),
    ...options.filter(({ value }) => !value).map(({ name }) => name),
  ];
  const known = [...flagged.map(flagOf), ...options.map(({ name }) => name), "help", "version"];
  const problems: string[] = [];
  const parsed = parseArgs(spelledOut(args, switches), {
    boolean: ["help", "version", "all"],
    string: ["_", ...flagged.map(flagOf), ...options.map(({ name }) => name)],
    alias: { help: "h", version: "v" },
    unknown: (argument: string, key?: string) => {
      if (key === undefined) return true;
      const problem = complaint(argument, known);
      if (!problems.includes(problem)) problems.push(problem); // One for each letter of `-abc`.
      return false;
    },
  });
  for (const setting of flagged) {
    if (parsed[flagOf(setting)] === "") problems.push(`--${flagOf(setting)}: needs a value`);
  }

  const [first, ...rest] = parsed._.map(String);
  const about = first === "help" || first === "version" ? first : undefined;
  const [word, ...operands] = about === "help" ? rest : [first, ...rest];
  const command = COMMANDS.find(({ name }) => name === word);
  const ofSetting = (setting: Setting) => hasOption(setting) ? parsed[flagOf(setting)] : undefined;
  const ownOptions = Object.fromEntries(
    options.map(({ name, value }) => [name, value ? parsed[name] : switched(parsed[name])])
      .filter(([, value]) => value !== undefined),
  );
  const wrong = misuse(word, command, operands, ownOptions);
  return {
    command,
    operands,
    options: ownOptions,
    about: about ?? (parsed.help ? "help" : parsed.version ? "version" : undefined),
    all: parsed.all === true,
    problems: problems.length > 0 || !wrong
      ? problems
      : [`${wrong}; see ${command ? `${command.name} ` : ""}--help`],
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
 * The arguments with `=true` after switches that have no value. `parseArgs` reads every value of a
 * switch except `false` as `true`: `--allow-http=no` would allow it.
 */
function spelledOut(args: readonly string[], switches: readonly string[]): string[] {
  const isSwitch = (argument: string) => switches.some((name) => argument === `--${name}`);
  const hasValue = (next: string | undefined) => next === "true" || next === "false";
  return args.map((argument, at) =>
    isSwitch(argument) && !hasValue(args[at + 1]) ? `${argument}=true` : argument
  );
}

/** The value of a command's option that takes none: `true`, not given, or a text that is wrong. */
function switched(value: unknown): unknown {
  if (value === "false") return undefined;
  return value === "true" ? true : value;
}

/** The problem with a word that is not one of those that are known. */
function unknown(what: string, word: string, known: readonly string[]): string {
  return `unknown ${what}${didYouMean(word, known) || "."} Known ${what}s: ${known.join(", ")}`;
}

/** The problem with the words and the command's own options. */
function misuse(
  word: string | undefined,
  command: Command | undefined,
  operands: readonly string[],
  given: Readonly<Record<string, unknown>>,
): string | undefined {
  // The word may be a secret in the wrong place, so the message does not repeat it.
  if (word !== undefined && !command) {
    const known = COMMANDS.map(({ name }) => name);
    return unknown("command", word, known);
  }
  const takes = command?.operands ?? [];
  const missing = takes.filter(({ optional }) => !optional)[operands.length];
  if (missing) return `${word} needs ${described(missing)}`;
  if (operands.length > takes.length) {
    return `too many arguments for ${word}${given.from ? "; --name names the server" : ""}`;
  }
  const at = takes.findIndex(({ values }, at) => isWrong(operands[at], values));
  if (at >= 0) return unknown(takes[at].name, operands[at], takes[at].values ?? []);
  const alone = takes.slice(0, operands.length).find(({ needs }) => needs && !given[needs]);
  if (alone) return `${word} takes a ${alone.name} only with --${alone.needs}`;
  for (const [name, value] of Object.entries(given)) {
    const option = command?.options.find((option) => option.name === name);
    if (!option) return `--${name} is not an option of ${word ?? "the proxy"}`;
    if (!option.value && value !== true) return `--${name} takes no value`;
    if (option.needs && !given[option.needs]) return `--${name} needs --${option.needs}`;
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

function complaint(argument: string, known: readonly string[]): string {
  const name = argument.replace(/^-+/, "").split("=")[0];
  const secret = SETTINGS.find((setting) => !hasOption(setting) && flagOf(setting) === name);
  if (secret) {
    return `--${name}: a secret cannot be an argument, since other users can see it; ` +
      `set the environment variable ${secret.variable}`;
  }
  // The value may be a secret, also directly after `-x`; the message repeats only the name.
  const written = argument.startsWith("--") ? argument.split("=")[0] : argument.slice(0, 2);
  const hint = argument.startsWith("--") ? didYouMean(name, known, "--") : "";
  return `${written}: unknown option${hint || "; see --help"}`;
}
