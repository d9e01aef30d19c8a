import { isDeepStrictEqual } from "node:util";
import { parse } from "../from_client/toml.ts";

/** A table of a TOML file, by the names of the tables that contain it and its own. */
type Path = readonly [parent: string, name: string];
type Tables = Record<string, Record<string, unknown> | undefined>;

/** A line that begins a table or an array of tables. */
const HEADER = /^[ \t]*\[\[?(.+?)\]\]?[ \t]*(?:#.*)?$/;
/** A string on one line. */
const STRING = /"(?:[^"\\]|\\.)*"|'[^']*'/g;
/** A comment or an empty line. At the end of a table, it belongs to the next one. */
const BETWEEN = /^[ \t]*(?:#.*)?$/;

/** The value of a table; `undefined` if the file has no such table. */
export function tableOf(text: string, [parent, name]: Path): unknown {
  const tables = (parse(text) as Tables)[parent];
  return tables && Object.hasOwn(tables, name) ? tables[name] : undefined;
}

/**
 * A TOML text with one table replaced, added or, without new text, removed. Everything else stays as
 * it is, comments too. A table is not replaced if the user's own lines in it would be lost.
 *
 * @param table the text of the table and of the tables in it
 * @throws {SyntaxError} if the text is not TOML, or has the table in a form that cannot be edited
 */
export function withTable(text: string, path: Path, table = ""): string {
  const lines = text.split(/(?<=\n)/);
  const { start, end } = linesOf(lines, path) ?? { start: lines.length, end: lines.length };
  const present = lines.slice(start, end);
  if (table !== "" && isDeepStrictEqual(tableOf(text, path), tableOf(table, path))) return text;
  if (table !== "") checkReplaced(present, path, table);
  const before = lines.slice(0, start).join("").trimEnd();
  const after = lines.slice(end).join("").replace(/^\s+/, "");
  const parts = [before, table.trim(), after.trimEnd()].filter((part) => part !== "");
  const joined = parts.length === 0 ? "" : `${parts.join("\n\n")}\n`;
  const edited = text.includes("\r\n") ? joined.replace(/\r?\n/g, "\r\n") : joined;
  checkEdited(text, edited, path, table);
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

/** The new table must have everything that the present one has, except values. */
function checkReplaced(present: readonly string[], path: Path, table: string): void {
  if (present.some((line) => line.replace(STRING, "").includes("#"))) {
    throw new SyntaxError(`${path.join(".")} has comments, which would be lost`);
  }
  const known = Object.keys(Object(tableOf(table, path)));
  const others = Object.keys(Object(tableOf(present.join(""), path)))
    .filter((key) => !known.includes(key) && key !== "env_vars");
  if (others.length > 0) {
    throw new SyntaxError(`${path.join(".")} has other settings (${others.join(", ")})`);
  }
}

/** The edited text must mean the same, with only this table changed. */
function checkEdited(before: string, after: string, [parent, name]: Path, table: string): void {
  const expected = parse(before) as Tables;
  const tables = expected[parent] ??= emptyTable();
  delete tables[name];
  if (table !== "") tables[name] = Object(tableOf(table, [parent, name]));
  let found: Tables | undefined;
  try {
    found = parse(after) as Tables;
    found[parent] ??= emptyTable();
  } catch {
    // It has the table in a form without a header of its own.
  }
  if (!isDeepStrictEqual(found, expected)) {
    throw new SyntaxError(`${parent}.${name} is in a form that cannot be edited automatically`);
  }
}

/** An empty table as the library makes it, since tables with different prototypes are not equal. */
function emptyTable(): Record<string, unknown> {
  return parse("");
}
