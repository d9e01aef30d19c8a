/** Changes one table in the text of a TOML file. */

import { isDeepStrictEqual } from "node:util";
import { parse } from "../from_client/toml.ts";
import { type Members, mergedEntry } from "./merged_entry.ts";
import { BETWEEN, HEADER, withTomlMembers } from "./toml_members.ts";
import { inToml, tomlTable } from "./toml_text.ts";

/** A table of a TOML file, by the names of the tables that contain it and its own. */
type Path = readonly [parent: string, name: string];
type Tables = Record<string, Record<string, unknown> | undefined>;

/** The value of a table; `undefined` if the file has no such table. */
export function tableOf(text: string, [parent, name]: Path): unknown {
  const tables = (parse(text) as Tables)[parent];
  return tables && Object.hasOwn(tables, name) ? tables[name] : undefined;
}

/**
 * A TOML text with an entry: added, or with what starts the proxy changed. Everything else stays as it
 * is, comments too.
 *
 * @param replaces whether a table that is there is replaced completely
 * @throws {SyntaxError} if the text is not TOML, or has the table in a form that cannot be edited
 */
export function withTable(text: string, path: Path, entry: Members, replaces: boolean): string {
  const present = tableOf(text, path);
  const members = replaces ? entry : mergedEntry(present, entry);
  if (isDeepStrictEqual(present, inToml(members))) return text;
  const { before, table, after } = divided(text, path);
  const edited = table === "" || replaces
    ? tomlTable(path, members)
    : withTomlMembers(`${table.trimEnd()}\n`, path, members);
  return joined(text, [before, edited, after], path, members);
}

/** A TOML text without a table and the tables in it. */
export function withoutTable(text: string, path: Path): string {
  const { before, after } = divided(text, path);
  return joined(text, [before, after], path);
}

/** What is before and after a table. */
function divided(text: string, path: Path): { before: string; table: string; after: string } {
  const lines = text.split(/(?<=\n)/);
  const { start, end } = linesOf(lines, path) ?? { start: lines.length, end: lines.length };
  const from = (start?: number, end?: number) => lines.slice(start, end).join("");
  return {
    before: from(0, start).trimEnd(),
    table: from(start, end),
    after: from(end).replace(/^\s+/, ""),
  };
}

/** The parts as one text, which must mean the same as before, with only this table changed. */
function joined(before: string, texts: readonly string[], path: Path, members?: Members): string {
  const parts = texts.map((part) => part.trimEnd()).filter((part) => part !== "");
  const text = parts.length === 0 ? "" : `${parts.join("\n\n")}\n`;
  const edited = before.includes("\r\n") ? text.replace(/\r?\n/g, "\r\n") : text;
  checkEdited(before, edited, path, members);
  return edited;
}

/** The lines of a table and of the tables in it. */
function linesOf(
  lines: readonly string[],
  path: Path,
): { start: number; end: number } | undefined {
  const isOurs = lines.map((line) => {
    const header = HEADER.exec(line.trimEnd());
    return header ? isInside(header[1], path) : undefined;
  });
  const start = isOurs.indexOf(true);
  if (start < 0) return undefined;
  const next = isOurs.findIndex((ours, at) => at > start && ours === false);
  let end = next < 0 ? lines.length : next;
  while (end > start + 1 && next >= 0 && BETWEEN.test(lines[end - 1].trimEnd())) end--;
  return { start, end };
}

/** Whether a header names the table or one in it. */
function isInside(header: string, [parent, name]: Path): boolean {
  try {
    return tableOf(`[${header}]`, [parent, name]) !== undefined;
  } catch {
    return false;
  }
}

/** The edited text must mean the same, with only this table changed. */
function checkEdited(before: string, after: string, path: Path, members?: Members): void {
  const [parent, name] = path;
  const expected = parse(before) as Record<string, Members>;
  const others = Object.entries(expected[parent] ?? {}).filter(([key]) => key !== name);
  expected[parent] = inToml({ ...Object.fromEntries(others), ...members && { [name]: members } });
  let found: Record<string, unknown> | undefined;
  try {
    found = parse(after);
    found[parent] ??= inToml({});
  } catch {
    // It has the table in a form without a header of its own.
  }
  if (!isDeepStrictEqual(found, expected)) {
    throw new SyntaxError(`${path.join(".")} is in a form that cannot be edited automatically`);
  }
}
