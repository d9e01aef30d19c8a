import { attached } from "./short_flags.ts";
import { has, put } from "./nested.ts";

type Names<T extends string> = T | readonly T[];

/** What {@linkcode parseArgs} is told about the flags. */
export interface ParseOptions<
  B extends string = string,
  S extends string = string,
  C extends string = string,
> {
  /** Put what follows `--` in `result["--"]` instead of at the end of `_`. @default {false} */
  "--"?: boolean;
  /** Other names of a flag; each name carries the value in the result. */
  alias?: Record<string, Names<string>>;
  /** Flags that take no value, `false` unless given; `true`: every `--flag` without `=`. */
  boolean?: boolean | Names<B>;
  /** Flags whose values are gathered in an array. */
  collect?: Names<C>;
  /** Values of flags that were not given. */
  default?: Record<string, unknown>;
  /** Flags that `--no-<flag>` sets to `false`. */
  negatable?: Names<string>;
  /** Take everything after the first positional argument as it is. @default {false} */
  stopEarly?: boolean;
  /** Flags whose value stays text, `""` when it is missing. `_`: so do positional arguments. */
  string?: Names<S>;
  /**
   * Called with an argument that no option declares, and with name and value if it is a flag; `false` drops
   * it from the result.
   */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** The parsed arguments: flags by name, positional arguments in `_`. */
export type Args<B extends string = never, S extends string = never, C extends string = never> =
  & { [name: string]: unknown }
  & { [name in Declared<B>]: boolean }
  & { [name in Exclude<Declared<S>, C>]?: string }
  & { [name in Extract<Declared<S>, C>]: string[] }
  & { _: Array<string | number>; "--"?: string[] };

/** Names from a table are known at run time only; such flags are `unknown`. */
type Declared<T extends string> = string extends T ? never : T;

const LONG_FLAG = /^--(no-)?([^]+?)(?:=([^]*))?$/;
const SHORT_FLAGS = /^-[^-]/;

const list = (names: boolean | Names<string> = []): readonly string[] =>
  typeof names === "boolean" ? [] : typeof names === "string" ? [names] : names;

const isNumber = (text: string) => /\S/.test(text) && Number.isFinite(Number(text));

const isBoolean = (text: string) => text === "true" || text === "false";

/**
 * Command line arguments, as the program got them, as an object.
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
export function parseArgs<
  B extends string = never,
  S extends string = never,
  C extends string = never,
>(args: string[], options: ParseOptions<B, S, C> = {}): Args<B, S, C> {
  const names = namesOf(options.alias ?? {});
  const declared = (flags?: boolean | Names<string>) => new Set(list(flags).flatMap(names));
  const booleans = declared(options.boolean);
  const strings = declared(options.string);
  const collected = declared(options.collect);
  const negatable = declared(options.negatable);
  const allBooleans = options.boolean === true;

  const result: Record<string, unknown> = {};
  const positional: Array<string | number> = result._ = [];
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const given = args.slice(0, end);
  const rest = args.slice(end + 1);

  const assign = (key: string, value: unknown, collect: boolean) => {
    for (const name of names(key)) put(result, name, value, collect);
  };
  const set = (arg: string, key: string, value: string | boolean, collect = true) => {
    const known = booleans.has(key) || strings.has(key) || collected.has(key) ||
      names(key).length > 1 || (allBooleans && /^--[^=]+$/.test(arg));
    if (!known && options.unknown?.(arg, key, value) === false) return;
    const number = typeof value === "string" && !strings.has(key) && isNumber(value);
    assign(key, number ? Number(value) : value, collect && collected.has(key));
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
    const [long, no = "", key, value] = LONG_FLAG.exec(arg) ?? [];
    if (long && value !== undefined) {
      set(arg, key, booleans.has(key) ? value !== "false" : value);
    } else if (long && no && negatable.has(key)) {
      set(arg, key, false, false);
    } else if (long) {
      if (setFrom(next, arg, no + key, !allBooleans && !next?.startsWith("-"))) i++;
    } else if (SHORT_FLAGS.test(arg)) {
      const { flags, last } = attached(arg);
      for (const [letter, value] of flags) set(arg, letter, value ?? without(letter));
      if (last && setFrom(next, arg, last, !/^--?[^-]/.test(next ?? ""))) i++;
    } else {
      if (options.unknown?.(arg) !== false) {
        positional.push(isNumber(arg) && !strings.has("_") ? Number(arg) : arg);
      }
      if (options.stopEarly) {
        positional.push(...given.slice(i + 1));
        break;
      }
    }
  }

  for (const [key, value] of Object.entries(options.default ?? {})) {
    if (!has(result, key)) assign(key, value, false);
  }
  for (const key of [...booleans, ...strings]) {
    if (has(result, key)) continue;
    if (collected.has(key)) put(result, key, []);
    else if (booleans.has(key)) put(result, key, false);
  }
  if (options["--"]) result["--"] = rest;
  else positional.push(...rest);
  return result as Args<B, S, C>;
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
