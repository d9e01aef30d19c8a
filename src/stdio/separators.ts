/** Escapes U+2028 and U+2029: Node's `readline` breaks lines there. */

/**
 * U+2028 and U+2029 as `\\u2028` and `\\u2029`. Node's `readline`, which some clients use, takes
 * them for line ends. In JSON they can only stand in strings, so a JSON parser sees no difference.
 */
export function escapeSeparators(line: string): string {
  return /[\u2028\u2029]/.test(line)
    ? line.replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029")
    : line;
}

/** In UTF-8 both begin with these two bytes. */
const FIRST = 0xe2;
const SECOND = 0x80;
/** The third byte of each, and its escape sequence. */
const ESCAPES: Readonly<Record<number, Uint8Array>> = {
  0xa8: new TextEncoder().encode("\\u2028"),
  0xa9: new TextEncoder().encode("\\u2029"),
};

/** As `escapeSeparators`, for UTF-8 in pieces, wherever it is cut. */
export function* escapeSeparatorsInBytes(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  /** The start of a character whose rest is in the next piece. */
  let carried: Uint8Array = new Uint8Array();
  for (const next of pieces) {
    const piece = carried.length > 0 ? concat(carried, next) : next;
    let start = 0;
    let end = piece.length;
    for (let at = piece.indexOf(FIRST); at >= 0; at = piece.indexOf(FIRST, at + 1)) {
      if (at + 2 >= piece.length) {
        if (at + 1 === piece.length || piece[at + 1] === SECOND) end = at;
        break;
      }
      const escape = piece[at + 1] === SECOND ? ESCAPES[piece[at + 2]] : undefined;
      if (!escape) continue;
      if (at > start) yield piece.subarray(start, at);
      yield escape;
      start = at + 3;
    }
    if (end - start === piece.length) yield piece;
    else if (end > start) yield piece.subarray(start, end);
    carried = piece.subarray(end);
  }
  if (carried.length > 0) yield carried;
}

function concat(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
