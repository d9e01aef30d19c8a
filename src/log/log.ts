import type { Redaction } from "./redaction.ts";
import { dropOldest } from "../drop_oldest.ts";

/** Log levels, from the quietest. */
export const LEVELS = ["error", "warn", "info", "debug"] as const;
/** A log level. */
export type Level = typeof LEVELS[number];
/** Log formats. */
export const FORMATS = ["text", "json"] as const;

/** The members of every line; a line's own values cannot have these names. */
type Members = Readonly<Partial<Record<"time" | "level" | "scope" | "message", never>>>;
/** Named values of a log line. Members with `undefined` are left out. */
export type Fields =
  & Readonly<Record<string, string | number | boolean | undefined>>
  & Members;

/** Writes log lines: `[scope] message`, the form that version 1's users know. */
export interface Log {
  /** Something failed. */
  error(scope: string, message: string, fields?: Fields): void;
  /** Something unexpected that the proxy handled. */
  warn(scope: string, message: string, fields?: Fields): void;
  /** What a user wants to know about a normal run. */
  info(scope: string, message: string, fields?: Fields): void;
  /** What happens to each message, never its contents. */
  debug(scope: string, message: string, fields?: Fields): void;
}

/** A log that drops everything. */
export const SILENT: Log = { error() {}, warn() {}, info() {}, debug() {} };

/**
 * Creates a log.
 *
 * Text shows the fields after the message, or as separate lines if the message ends in a
 * colon, as version 1 did when it started; JSON has `time`, `level`, `scope`, `message` and the
 * fields in camelCase as members. A warning or an error that repeats is logged at its
 * first, second, third, tenth, hundredth time, and so on; numbers do not make it another one.
 *
 * @param write receives whole lines
 */
export function createLog(
  options: { level: Level; format: typeof FORMATS[number]; redaction: Redaction },
  write: (line: string) => void,
): Log {
  const format = options.format === "json" ? jsonLine : textLine;
  const loudest = LEVELS.indexOf(options.level);
  const at = (level: Level): Log[Level] => {
    if (LEVELS.indexOf(level) > loudest) return () => {};
    return (scope, message, fields = {}) => {
      const values = Object.entries(fields).map(([name, value]) => [name, shown(value)]);
      const text = options.redaction.redactMessage(message);
      write(format(level, scope, text, Object.fromEntries(values)));
    };
  };
  const shown = <T>(value: T) =>
    typeof value === "string" ? options.redaction.redact(value) : value;
  const timesLogged = createCounter();
  const throttled = (level: Level) => (scope: string, message: string, fields?: Fields) => {
    const times = timesLogged(message.replace(/\d+/g, "#"));
    if (times <= 3) at(level)(scope, message, fields);
    else if (/^10+$/.test(String(times))) at(level)(scope, message, { ...fields, times });
  };
  return {
    error: throttled("error"),
    warn: throttled("warn"),
    info: at("info"),
    debug: at("debug"),
  };
}

/** Texts that are counted at the same time; the oldest are forgotten, since a proxy runs for days. */
const MAX_COUNTED = 100;

/** Counts how often a text was logged. */
function createCounter(): (text: string) => number {
  const counts = new Map<string, number>();
  return (text) => {
    const count = (counts.get(text) ?? 0) + 1;
    counts.delete(text);
    counts.set(text, count);
    dropOldest(counts, MAX_COUNTED);
    return count;
  };
}

function textLine(_level: Level, scope: string, message: string, fields: Fields): string {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  const shown = message.endsWith(":")
    ? known.map(([name, value]) => `\n  ${name}: ${value}`).join("")
    : known.map(([name, value]) => ` ${name}=${value}`).join("");
  return `[${scope}] ${message}${shown}\n`;
}

function jsonLine(level: Level, scope: string, message: string, fields: Fields): string {
  const members = Object.entries(fields).map(([name, value]) => [camelCase(name), value]);
  const time = new Date().toISOString();
  return JSON.stringify({ time, level, scope, message, ...Object.fromEntries(members) }) + "\n";
}

/** `Client ID` becomes `clientId`. */
function camelCase(label: string): string {
  const [first, ...rest] = label.split(" ");
  if (rest.length === 0) return first;
  return first.toLowerCase() +
    rest.map((word) => word[0].toUpperCase() + word.slice(1).toLowerCase()).join("");
}
