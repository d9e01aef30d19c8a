/** Changes single members in the text of valid JSON; every other byte stays as it was. */

import { memberSpan, partSpans, skipSpace, type Span, stringEnd } from "./spans.ts";
import { Bytes, stringOf, type Text } from "./text.ts";

/** A replacement: start, end, and the new text. */
export type Edit = readonly [start: number, end: number, replacement: string];

/**
 * A string for finding spans in `text`: its offsets are those of the text. Bytes become one
 * character each, because all characters of JSON's structure are ASCII. Do not read values from it.
 */
export function scannable(text: Text): string {
  if (typeof text === "string") return text;
  const decoder = new TextDecoder("latin1");
  return text.pieces.map((piece) => decoder.decode(piece)).join("");
}

/** The value at `span`, as written. */
export function sliceOf(text: Text, [start, end]: Span): string {
  return stringOf(text.slice(start, end));
}

/** Applies edits, which must not overlap. Long texts are not copied. */
export function edited(text: Text, edits: readonly Edit[]): Text {
  const ordered = [...edits].sort(([one], [other]) => one - other);
  const parts: Text[] = [];
  let at = 0;
  for (const [start, end, replacement] of ordered) {
    parts.push(text.slice(at, start), replacement);
    at = end;
  }
  parts.push(text.slice(at, text.length));
  if (typeof text === "string") return parts.join("");
  const encoder = new TextEncoder();
  return new Bytes(
    parts.flatMap((part) => typeof part === "string" ? encoder.encode(part) : part.pieces)
      .filter(({ length }) => length > 0),
  );
}

/**
 * The edit that gives the object at `from` a member: in place of the member with this name, or else
 * as its first member.
 */
export function setMember(view: string, from: number, name: string, json: string): Edit {
  const span = memberSpan(view, name, from);
  return span ? [...span, json] : insertMembers(view, from, { [name]: json });
}

/** The edit that inserts members at the start of the object at `from`. */
export function insertMembers(
  view: string,
  from: number,
  members: Readonly<Record<string, string>>,
): Edit {
  const written = Object.entries(members).map(([name, json]) => `${JSON.stringify(name)}:${json}`);
  const isEmpty = view[skipSpace(view, from + 1)] === "}";
  return [from + 1, from + 1, written.join(",") + (isEmpty || written.length === 0 ? "" : ",")];
}

/** The edit that removes a member of the object at `from`; nothing if it has none with this name. */
export function removeMember(view: string, from: number, name: string): Edit | undefined {
  const span = memberSpan(view, name, from);
  if (!span) return undefined;
  const parts = [...partSpans(view, from)];
  const index = parts.findIndex(([, end]) => end === span[1]);
  const [start, end] = parts[index];
  if (index + 1 < parts.length) return [start, parts[index + 1][0], ""];
  return [index > 0 ? parts[index - 1][1] : start, end, ""];
}

/** The members of the object at `from`, each as written. If a name occurs twice, the last one counts. */
export function membersOf(text: Text, view: string, from: number): Map<string, string> {
  const members = new Map<string, string>();
  for (const span of partSpans(view, from)) {
    const part = sliceOf(text, span);
    const colon = stringEnd(part, 0);
    members.set(JSON.parse(part.slice(0, colon)), part.slice(part.indexOf(":", colon) + 1).trim());
  }
  return members;
}
