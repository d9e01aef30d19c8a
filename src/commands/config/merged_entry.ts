import { isObject } from "../../json/value.ts";
import { SETTINGS } from "../../settings/settings.ts";

/** An object by the names of its members. */
export type Members = Readonly<Record<string, unknown>>;

/** The members that start the proxy. Others belong to the user or the client once they are there. */
const STARTS = new Set(["type", "command", "args", "env", "environment", "env_vars"]);

/**
 * An entry that starts the proxy, with a new program, new arguments and new settings. It keeps
 * everything else: members such as `disabled`, and variables of other programs such as `HTTPS_PROXY`.
 *
 * @param present the entry as the client's file has it
 * @param entry the entry as it is written into an empty file
 */
export function mergedEntry(present: unknown, entry: Members): Members {
  if (!isMembers(present)) return entry;
  const merged: Record<string, unknown> = { ...present };
  for (const [name, value] of Object.entries(entry)) {
    if (name in present && !STARTS.has(name)) continue;
    merged[name] = isMembers(value) ? { ...othersOf(present[name]), ...value } : value;
  }
  const passedOn = mergedNames(present.env_vars, entry.env_vars);
  if (passedOn.length > 0) merged.env_vars = passedOn;
  else delete merged.env_vars;
  return merged;
}

/** The variables that are not settings of the proxy. */
function othersOf(variables: unknown): Members {
  if (!isMembers(variables)) return {};
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !isSetting(name)));
}

/** The names of the variables that Codex passes on: the user's and those of the entry. */
function mergedNames(present: unknown, names: unknown): unknown[] {
  const known: unknown[] = Array.isArray(present) ? present : [];
  const own: unknown[] = Array.isArray(names) ? names : [];
  return [...known.filter((name) => !isSetting(name) && !own.includes(name)), ...own];
}

function isSetting(name: unknown): boolean {
  return SETTINGS.some(({ variable }) => variable === name);
}

/** Whether a value is an object with members: not an array, and not a date of TOML. */
export function isMembers(value: unknown): value is Members {
  return isObject(value) && !(value instanceof Date);
}
