import { isDeepStrictEqual } from "node:util";
import { isMembers } from "./merged_entry.ts";
import { type JsoncNode, parseJsonc, type Part, skipBlanks, valueOf } from "./jsonc.ts";

/**
 * A JSONC text with one more member, or with another value for a member that was there; everything
 * else stays as it is, comments too.
 *
 * @param path names of the objects that hold the member, and its own; objects are made as needed
 * @param value its value, as JSON
 * @throws {SyntaxError} if the text is not JSONC, or the path leads through something else
 */
export function withMember(text: string, path: readonly string[], value: unknown): string {
  const { text: whole, root } = rooted(text);
  const { node, rest } = walk(root, path);
  if (rest.length === 0) return replaced(whole, node, value);
  const [name, ...inner] = rest;
  const nested = inner.reduceRight((held, key) => ({ [key]: held }), value);
  return appended(whole, node, nested, name);
}

/**
 * A JSONC text with one more item in an array, or with another value for the item that is the same
 * thing.
 *
 * @param path names of the objects that hold the array, and its own
 * @param isSame whether an item that is there is to be replaced
 * @throws {SyntaxError} if the text is not JSONC, or the path leads to something else
 */
export function withItem(
  text: string,
  path: readonly string[],
  value: unknown,
  isSame: (item: unknown) => boolean,
): string {
  const { text: whole, root } = rooted(text);
  const { node, rest } = walk(root, path);
  if (rest.length > 0) return withMember(text, path, [value]);
  if (node.kind !== "array") throw new SyntaxError(`${path.join(".")} is not a list`);
  const known = node.parts.find((part) => isSame(valueOf(whole, part.value)));
  return known ? replaced(whole, known.value, value) : appended(whole, node, value);
}

/**
 * A JSONC text after each edit that changes the members of an object to those of another one. Members
 * that are equal stay as they are written, with the comments next to them.
 *
 * @param path names of the objects that contain the object, and its own
 * @throws {SyntaxError} if the text is not JSONC
 */
export function memberEdits(
  text: string,
  path: readonly string[],
  members: Readonly<Record<string, unknown>>,
): string[] {
  const present = memberOf(text, path);
  if (!isMembers(present)) return [withMember(text, path, members)];
  const texts = [text];
  const latest = () => texts.at(-1) ?? text;
  for (const name of Object.keys(present)) {
    if (!Object.hasOwn(members, name)) texts.push(withoutPart(latest(), [...path, name]));
  }
  for (const [name, value] of Object.entries(members)) {
    if (isDeepStrictEqual(present[name], value)) continue;
    if (isMembers(value)) texts.push(...memberEdits(latest(), [...path, name], value));
    else texts.push(withMember(latest(), [...path, name], value));
  }
  return texts.slice(1);
}

/** The value of a member of a JSONC text; `undefined` if the text has no such member. */
export function memberOf(text: string, path: readonly string[]): unknown {
  const root = parseJsonc(text);
  if (!root) return undefined;
  const { node, rest } = walk(root, path);
  return rest.length === 0 ? valueOf(text, node) : undefined;
}

/**
 * A JSONC text without a member or an item; everything else stays as it is.
 *
 * @param path names of the objects that hold the part, and its own
 * @param isMeant which item of the array that the path leads to; absent: the member itself
 * @throws {SyntaxError} if the text is not JSONC
 */
export function withoutPart(
  text: string,
  path: readonly string[],
  isMeant?: (item: unknown) => boolean,
): string {
  const root = parseJsonc(text);
  if (!root) return text;
  const { node, rest } = walk(root, isMeant ? path : path.slice(0, -1));
  if (rest.length > 0) return text;
  const at = node.parts.findLastIndex((part) =>
    isMeant ? isMeant(valueOf(text, part.value)) : part.key === path.at(-1)
  );
  return at < 0 ? text : removed(text, node, at);
}

/** A JSONC text without an object or an array that is empty; one with comments in it stays. */
export function withoutEmpty(text: string, name: string): string {
  const root = parseJsonc(text);
  const node = root?.parts.findLast((part) => part.key === name)?.value;
  const isEmpty = node && node.kind !== "scalar" &&
    text.slice(node.start + 1, node.end - 1).trim() === "";
  return isEmpty ? withoutPart(text, [name]) : text;
}

/** The text with an object in it. A file that is empty, or has only comments, gets one. */
function rooted(text: string): { text: string; root: JsoncNode } {
  const root = parseJsonc(text);
  if (root) return { text, root };
  const begun = text.trim() === "" ? "{}\n" : `${text.trimEnd()}\n{}\n`;
  return rooted(begun);
}

/** Follows a path for as far as it goes. */
function walk(
  root: JsoncNode,
  path: readonly string[],
): { node: JsoncNode; rest: readonly string[] } {
  let node = root;
  for (const [at, key] of path.entries()) {
    if (node.kind !== "object") {
      throw new SyntaxError(`${path.slice(0, at).join(".") || "the file"} is not an object`);
    }
    // Of two members with the same name, programs take the last one.
    const part: Part | undefined = node.parts.findLast((part) => part.key === key);
    if (!part) return { node, rest: path.slice(at) };
    node = part.value;
  }
  return { node, rest: [] };
}

function replaced(text: string, { start, end }: JsoncNode, value: unknown): string {
  return text.slice(0, start) + render(text, value, indentAt(text, start)) + text.slice(end);
}

/** Takes a part out, with its comma, and with its lines if nothing else is on them. */
function removed(text: string, { parts }: JsoncNode, at: number): string {
  let { start, value: { end } } = parts[at];
  const after = skipBlanks(text, end);
  const previous = parts[at - 1];
  let head = text.slice(0, start);
  if (text[after] === ",") end = after + 1;
  else if (previous) {
    // The part before it becomes the last one, which has no comma.
    const comma = skipBlanks(text, previous.value.end);
    head = text.slice(0, comma) + text.slice(comma + 1, start);
  }
  const rest = text.slice(end);
  const lineEnd = /^[ \t]*(?:\r?\n|(?=[\]}]))/.exec(rest)?.[0];
  if (!startsLine(text, start) || lineEnd === undefined) return head + rest;
  return head.slice(0, head.lastIndexOf("\n") + 1) + rest.slice(lineEnd.length);
}

/** Puts a part after the last one and its comments. */
function appended(text: string, node: JsoncNode, value: unknown, key?: string): string {
  const last = node.parts.at(-1);
  const outer = indentAt(text, node.start);
  const newLine = eol(text);
  const ownLine = last && indentAt(text, last.start) !== outer && startsLine(text, last.start);
  const indent = ownLine ? indentAt(text, last.start) : outer + indentUnit(text);
  const name = key === undefined ? "" : `${JSON.stringify(key)}: `;
  const part = newLine + indent + name + render(text, value, indent);

  const close = node.end - 1;
  const contentEnd = text.slice(0, close).trimEnd().length;
  const tail = text.slice(contentEnd, close).includes("\n")
    ? text.slice(contentEnd)
    : newLine + outer + text.slice(close);
  if (!last) return text.slice(0, contentEnd) + part + tail;
  const comma = text[skipBlanks(text, last.value.end)] === "," ? "" : ",";
  return text.slice(0, last.value.end) + comma + text.slice(last.value.end, contentEnd) + part +
    tail;
}

/** A value in the indentation and with the line breaks of the text that it goes into. */
function render(text: string, value: unknown, indent: string): string {
  const json = JSON.stringify(value, null, indentUnit(text)).replace(TEXTS, oneLine);
  return json.split("\n").join(eol(text) + indent);
}

/** An array of texts, as `JSON.stringify` spreads it over lines. */
const TEXTS = /\[\n(\s+"(?:[^"\\\n]|\\.)*",?\n)+\s*\]/g;

/** People write short arrays on one line. */
function oneLine(array: string): string {
  const line = array.replace(/\n\s*/g, " ").replace("[ ", "[").replace(/ \]$/, "]");
  return line.length <= 80 ? line : array;
}

function eol(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

/** The blanks that the line of an offset begins with. */
function indentAt(text: string, at: number): string {
  const lineStart = text.lastIndexOf("\n", at - 1) + 1;
  return /^[ \t]*/.exec(text.slice(lineStart))?.[0] ?? "";
}

function startsLine(text: string, at: number): boolean {
  return text.slice(text.lastIndexOf("\n", at - 1) + 1, at).trim() === "";
}

/** One step of indentation: that of the first indented line. */
function indentUnit(text: string): string {
  return /^(?:\t|[ ]+)(?=\S)/m.exec(text)?.[0] ?? "  ";
}
