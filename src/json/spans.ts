/**
 * Finds values in the text of valid JSON without parsing it, so that a part can be read or replaced
 * and every other byte stays as it was. In other text the result is undefined, but the search ends.
 */

/** The position of a value: the index of its first character, and the one after its last. */
export type Span = readonly [start: number, end: number];

/** The text of a member's value, of the object in `text`; `undefined` if there is none. */
export function memberText(text: string, name: string): string | undefined {
  const span = memberSpan(text, name);
  return span && text.slice(...span);
}

/**
 * The value of a member of the object that opens at `from`, if one does; of members with the same name, the last
 * one, which is also the one that `JSON.parse` takes.
 */
export function memberSpan(
  text: string,
  name: string,
  from = skipSpace(text, 0),
): Span | undefined {
  if (text[from] !== "{") return undefined;
  const written = JSON.stringify(name);
  let found: Span | undefined;
  for (const [start, end] of partSpans(text, from)) {
    const keyEnd = stringEnd(text, start);
    const key = text.slice(start, keyEnd);
    if (key !== written && !(key.includes("\\") && JSON.parse(key) === name)) continue;
    found = [skipSpace(text, text.indexOf(":", keyEnd) + 1), end];
  }
  return found;
}

/** The parts of the array or object that opens at `from`, if one does: elements, or whole `"name": value`. */
export function* partSpans(text: string, from: number): Generator<Span> {
  if (text[from] !== "{" && text[from] !== "[") return;
  let at = skipSpace(text, from + 1);
  while (at < text.length && text[at] !== "]" && text[at] !== "}") {
    let end = valueEnd(text, at);
    const next = skipSpace(text, end);
    if (text[next] === ":") end = valueEnd(text, skipSpace(text, next + 1));
    if (end <= at) return; // Not JSON.
    yield [at, end];
    at = skipSpace(text, end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
}

/** The index after the value that begins at `start`. */
function valueEnd(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return stringEnd(text, start);
  if (first !== "{" && first !== "[") return endOf(SCALAR, text, start);
  // A pattern for each of millions of brackets costs much more than this loop.
  for (let depth = 0, at = start; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(text, at);
    else if (code === OPEN_OBJECT || code === OPEN_ARRAY) depth++, at++;
    else if (code !== CLOSE_OBJECT && code !== CLOSE_ARRAY) at++;
    else if (--depth === 0) return at + 1;
    else at++;
  }
  return text.length; // Not JSON.
}

const QUOTE = '"'.charCodeAt(0);
const OPEN_OBJECT = "{".charCodeAt(0);
const OPEN_ARRAY = "[".charCodeAt(0);
const CLOSE_OBJECT = "}".charCodeAt(0);
const CLOSE_ARRAY = "]".charCodeAt(0);

const SPACE = /[ \t\r\n]*/y;
const SCALAR = /[^ \t\r\n,:\]}]+/y;

/** The index of the first character from `at` on that is not white space. */
export function skipSpace(text: string, at: number): number {
  // Most of the time there is none, and a pattern costs more than a look.
  return text.charCodeAt(at) > 32 ? at : endOf(SPACE, text, at);
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** The index after the closing quote of the string that opens at `start`. */
export function stringEnd(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1);; quote = text.indexOf('"', quote + 1)) {
    if (quote < 0) return text.length; // Not JSON.
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
}
