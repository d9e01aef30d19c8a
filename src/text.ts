/** The text of a message: a string, or, where it is long, the UTF-8 that it came in. */
export type Text = string | Uint8Array;

/** Bytes from which on a text is long: to decode, parse and encode it takes milliseconds. */
export const LONG = 1 << 18;

/** A text as a string. A byte order mark is a character like any other. */
export function stringOf(text: Text): string {
  return typeof text === "string"
    ? text
    : new TextDecoder("utf-8", { ignoreBOM: true }).decode(text);
}

/**
 * What a file holds or a program prints, without what editors and `echo` add and nobody sees: a byte
 * order mark in front, a line break at the end.
 */
export function withoutMarks(text: string): string {
  return text.replace(/^\ufeff/, "").replace(/\r?\n$/, "");
}

/** A part of a text, without copying it. */
export function partOf<T extends Text>(text: T, start: number, end?: number): T {
  return (typeof text === "string" ? text.slice(start, end) : text.subarray(start, end)) as T;
}

/** All `parts`, one behind the other. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Whether `text` has `word`, which must be ASCII, anywhere in it. */
export function includes(text: Text, word: string): boolean {
  if (typeof text === "string") return text.includes(word);
  const { length } = word;
  const codes = Uint8Array.from(word, (char) => char.charCodeAt(0));
  // Boyer-Moore-Horspool: from the byte at the end of the window, how far the window can move.
  const moves = new Uint8Array(256).fill(length);
  for (let at = 0; at < length - 1; at++) moves[codes[at]] = length - 1 - at;
  for (let end = length - 1; end < text.length; end += moves[text[end]]) {
    let back = 0;
    while (back < length && text[end - back] === codes[length - 1 - back]) back++;
    if (back === length) return true;
  }
  return false;
}
