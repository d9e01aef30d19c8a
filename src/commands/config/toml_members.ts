import { isDeepStrictEqual } from "node:util";
import { parse } from "../from_client/toml.ts";
import { isMembers, type Members } from "./merged_entry.ts";
import { inToml, tomlLine, tomlTable } from "./toml_text.ts";

/** The lines of a table, from its header to the next one. */
interface Section {
  /** The names of the tables that contain it, and its own. */
  readonly path: readonly string[];
  readonly lines: readonly string[];
}

/** A line that begins a table or an array of tables. */
export const HEADER = /^[ \t]*\[\[?(.+?)\]\]?[ \t]*(?:#.*)?$/;
/** A comment or an empty line. At the end of a table, it belongs to the next one. */
export const BETWEEN = /^[ \t]*(?:#.*)?$/;
/** The start of a member with a name that is not dotted. */
const MEMBER = /^[ \t]*(?:[\w-]+|"(?:[^"\\]|\\.)*"|'[^']*')[ \t]*=/;
/** Lines that one value may have. */
const MAX_LINES = 200;

/**
 * The text of a table and of the tables in it, with other members. Members that are equal stay as they
 * are written, and so do comments.
 *
 * @param text lines from the header of the table to the end of the last table in it
 * @param path names of the tables that contain it, and its own
 */
export function withTomlMembers(text: string, path: readonly string[], members: Members): string {
  const sections = sectionsOf(text);
  const nameOf = (section: Section) => section.path[path.length];
  const tables = new Set(sections.map(nameOf));
  const edited = sections.map((section) => {
    const inner = section.path.slice(path.length);
    const values = inner.reduce<unknown>((value, name) => Object(value)[name], members);
    if (!isMembers(values)) return section.lines.join("");
    const others = Object.entries(values).filter(([name]) => inner.length > 0 || !tables.has(name));
    return sectionWith(section.lines, Object.fromEntries(others));
  });
  const known = Object(parse(text.trimStart()));
  const present = path.reduce((value, name) => Object(value)[name], known);
  const added = Object.entries(members)
    .filter(([name, value]) => isMembers(value) && !Object.hasOwn(present, name))
    .map(([name, value]) => `\n${tomlTable([...path, name], value as Members)}`);
  return [...edited, ...added].join("");
}

function sectionsOf(text: string): Section[] {
  const sections: { path: string[]; lines: string[] }[] = [];
  for (const line of text.split(/(?<=\n)/)) {
    const header = HEADER.exec(line.trimEnd());
    if (header) sections.push({ path: namesIn(header[1]), lines: [line] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections;
}

/** The names of a header, which may be dotted and quoted. */
function namesIn(header: string): string[] {
  const names: string[] = [];
  let table: unknown = parse(`[${header}]`);
  while (isMembers(table)) {
    const [name] = Object.keys(table);
    if (name === undefined) break;
    names.push(name);
    table = table[name];
  }
  return names;
}

/** The lines of a section with other members. */
function sectionWith(lines: readonly string[], members: Members): string {
  const [header, ...rest] = lines;
  const kept: string[] = [header];
  const known = new Set<string>();
  for (let at = 0; at < rest.length;) {
    const member = memberAt(rest, at);
    if (!member) {
      kept.push(rest[at++]);
      continue;
    }
    const { name, value, end, comment } = member;
    known.add(name);
    if (isDeepStrictEqual(value, inToml(members[name]))) kept.push(...rest.slice(at, end));
    else if (Object.hasOwn(members, name)) {
      kept.push(tomlLine(name, members[name]).trimEnd() + comment + "\n");
    }
    at = end;
  }
  const added = Object.entries(members)
    .filter(([name, value]) => !known.has(name) && !isMembers(value))
    .map(([name, value]) => tomlLine(name, value));
  const end = kept.findLastIndex((line) => !BETWEEN.test(line.trimEnd())) + 1;
  return [...kept.slice(0, end), ...added, ...kept.slice(end)].join("");
}

/** The member that starts at a line, which may have a value of several lines. */
function memberAt(lines: readonly string[], start: number) {
  if (!MEMBER.test(lines[start])) return undefined;
  for (let end = start + 1; end <= Math.min(lines.length, start + MAX_LINES); end++) {
    const text = lines.slice(start, end).join("");
    const parsed = parsedOrNothing(text);
    if (!parsed) continue;
    const [[name, value]] = Object.entries(parsed);
    return { name, value, end, comment: end === start + 1 ? commentOf(text, parsed) : "" };
  }
  return undefined;
}

/** The comment at the end of a line, with the blanks before it. */
function commentOf(line: string, parsed: Members): string {
  for (let at = line.indexOf("#"); at >= 0; at = line.indexOf("#", at + 1)) {
    if (!isDeepStrictEqual(parsedOrNothing(line.slice(0, at)), parsed)) continue;
    const { length } = line.slice(0, at).trimEnd();
    return line.slice(length).trimEnd();
  }
  return "";
}

function parsedOrNothing(text: string): Members | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
