import { attached } from "./short_flags.ts";

type Names<T extends string> = T | readonly T[];

/** The options of {@linkcode parseArgs} that this project uses. */
export interface ParseOptions<B extends string = string, S extends string = string> {
  /** Other names of a flag; each name carries the value in the result. */
  alias?: Record<string, Names<string>>;
  /** Flags that take no value, `false` unless given. */
  boolean?: Names<B>;
  /** Flags whose value stays text, `""` if it is missing. `_`: positional arguments stay text too. */
  string?: Names<S>;
  /**
   * Called with an argument that no option declares, and with its name and value if it is a flag. `false`
   * removes it from the result.
   */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** The parsed arguments: flags by name, positional arguments in `_`. */
export type Args<B extends string = never, S extends string = never> =
  & { [name: string]: unknown }
  & { [name in Declared<B>]: boolean }
  & { [name in Declared<S>]?: string }
  & { _: Array<string | number> };

/** Names from a table are known at run time only; such flags are `unknown`. */
type Declared<T extends string> = string extends T ? never : T;

const LONG_FLAG = /^--([^]+?)(?:=([^]*))?$/;
const SHORT_FLAGS = /^-[^-]/;

const list = (names: Names<string> = []): readonly string[] =>
  typeof names === "string" ? [names] : names;

const isNumber = (text: string) => /\S/.test(text) && Number.isFinite(Number(text));

const isBoolean = (text: string) => text === "true" || text === "false";

/**
 * Parses command-line arguments into an object.
 *
 * `--name value`, `--name=value`, `-n value`, `-n=value`, `-n5` and `-abc` are understood. A flag without a value is
 * `true`. What looks like a number is a number, unless the flag is declared as string.
 *
 * @example
 * ```ts
 * parseArgs(["--port", "80", "-v", "x"], { string: ["port"], boolean: ["v"] });
 * // { _: ["x"], port: "80", v: true }
 * ```
 */
export function parseArgs<B extends string = never, S extends string = never>(
  args: string[],
  options: ParseOptions<B, S> = {},
): Args<B, S> {
  const names = namesOf(options.alias ?? {});
  const declared = (flags?: Names<string>) => new Set(list(flags).flatMap(names));
  const booleans = declared(options.boolean);
  const strings = declared(options.string);

  const result: Record<string, unknown> = {};
  const positional: Array<string | number> = result._ = [];
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const given = args.slice(0, end);

  const assign = (key: string, value: unknown) => {
    for (const name of names(key)) result[name] = value;
  };
  const set = (arg: string, key: string, value: string | boolean) => {
    const known = booleans.has(key) || strings.has(key) || names(key).length > 1;
    if (!known && options.unknown?.(arg, key, value) === false) return;
    const number = typeof value === "string" && !strings.has(key) && isNumber(value);
    assign(key, number ? Number(value) : value);
  };
  const without = (key: string) => strings.has(key) ? "" : true;
  /** Sets a flag written without a value; whether it took the next argument as one. */
  const setFrom = (next: string | undefined, arg: string, key: string, mayTake: boolean) => {
    if (next && mayTake && !booleans.has(key)) set(arg, key, next);
    else if (next && isBoolean(next)) set(arg, key, next === "true");
    else return void set(arg, key, without(key));
    return true;
  };

  for (let i = 0; i < given.length; i++) {
    const arg = given[i];
    const next: string | undefined = given[i + 1];
    const [long, key, value] = LONG_FLAG.exec(arg) ?? [];
    if (long && value !== undefined) {
      set(arg, key, booleans.has(key) ? value !== "false" : value);
    } else if (long) {
      if (setFrom(next, arg, key, !next?.startsWith("-"))) i++;
    } else if (SHORT_FLAGS.test(arg)) {
      const { flags, last } = attached(arg);
      for (const [letter, value] of flags) set(arg, letter, value ?? without(letter));
      if (last && setFrom(next, arg, last, !/^--?[^-]/.test(next ?? ""))) i++;
    } else if (options.unknown?.(arg) !== false) {
      positional.push(isNumber(arg) && !strings.has("_") ? Number(arg) : arg);
    }
  }

  for (const key of booleans) if (!Object.hasOwn(result, key)) assign(key, false);
  positional.push(...args.slice(end + 1));
  return result as Args<B, S>;
}

/** A flag's name followed by its other names. */
function namesOf(alias: NonNullable<ParseOptions["alias"]>): (key: string) => string[] {
  const groups = new Map<string, string[]>();
  for (const [key, others] of Object.entries(alias)) {
    const group = [key, ...list(others)];
    for (const name of group) groups.set(name, [name, ...group.filter((it) => it !== name)]);
  }
  return (key) => groups.get(key) ?? [key];
}
