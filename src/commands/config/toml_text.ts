import { isMembers, type Members } from "./merged_entry.ts";

/** A table with texts, lists of texts, and tables of texts, as a person would write it. */
export function tomlTable(path: readonly string[], members: Members): string {
  const tables = Object.entries(members).filter(([, value]) => isMembers(value));
  const lines = Object.entries(members).filter(([, value]) => !isMembers(value))
    .map(([name, value]) => tomlLine(name, value));
  return [
    `${tomlHeader(path)}\n${lines.join("")}`,
    ...tables.map(([name, value]) => tomlTable([...path, name], value as Members)),
  ].join("\n");
}

/** The line that begins a table. */
export function tomlHeader(path: readonly string[]): string {
  return `[${path.map(tomlKey).join(".")}]`;
}

/** A line with a key and a value. */
export function tomlLine(name: string, value: unknown): string {
  return `${tomlKey(name)} = ${tomlValue(value)}\n`;
}

function tomlKey(name: string): string {
  return /^[\w-]+$/.test(name) ? name : JSON.stringify(name);
}

/** Strings of JSON are strings of TOML too. */
function tomlValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(", ")}]`;
  if (!isMembers(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, value]) => tomlLine(name, value).trimEnd());
  return `{ ${members.join(", ")} }`;
}

/** A value with tables as the library makes them: tables with different prototypes are not equal. */
export function inToml(value: Members): Members;
export function inToml(value: unknown): unknown;
export function inToml(value: unknown): unknown {
  if (!isMembers(value)) return value;
  const members = Object.entries(value).map(([name, value]) => [name, inToml(value)]);
  return Object.assign(Object.create(null), Object.fromEntries(members));
}
