import { isDeepStrictEqual } from "node:util";
import { parse } from "smol-toml";

/** A table of a TOML file, by the names of the tables that contain it and its own. */
type Path = readonly [parent: string, name: string];
type Tables = Record<string, Record<string, unknown> | undefined>;

/** A line that begins a table or an array of tables. */
const HEADER = /^[ \t]*\[\[?(.+?)\]\]?[ \t]*(?:#.*)?$/;
/** A line that belongs to the table that follows it, if it is at the end of another table. */
const BETWEEN = /^[ \t]*(?:#.*)?$/;

/** The value of a table; `undefined` if the file has no such table. */
export function tableOf(text: string, [parent, name]: Path): unknown {
  const tables = (parse(text) as Tables)[parent];
  return tables && Object.hasOwn(tables, name) ? tables[name] : undefined;
}

/**
 * A TOML text with one table replaced, added or, without new text, removed. Everything else stays as
 * it is, comments too.
 *
 * @param table the text of the table and of the tables in it
 * @throws {SyntaxError} if the text is not TOML, or has the table in a form that cannot be edited
 */
export function withTable(text: string, path: Path, table = ""): string {
  const lines = text.split(/(?<=\n)/);
  const { start, end } = linesOf(lines, path) ?? { start: lines.length, end: lines.length };
  const before = lines.slice(0, start).join("").trimEnd();
  const after = lines.slice(end).join("").replace(/^\s+/, "");
  const parts = [before, table.trim(), after.trimEnd()].filter((part) => part !== "");
  const edited = parts.length === 0 ? "" : `${parts.join("\n\n")}\n`;
  check(text, edited, path, table);
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
function check(before: string, after: string, [parent, name]: Path, table: string): void {
  const expected = parse(before) as Tables;
  const tables = expected[parent] ??= {};
  delete tables[name];
  if (table !== "") tables[name] = tableOf(table, [parent, name]);
  let found: Tables | undefined;
  try {
    found = parse(after) as Tables;
    found[parent] ??= {};
  } catch {
    // It has the table in a form without a header of its own.
  }
  if (!isDeepStrictEqual(found, expected)) {
    throw new SyntaxError(`${parent}.${name} is in a form that cannot be edited automatically`);
  }
}
