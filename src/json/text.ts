/** The text of a message: a string, or its UTF-8 bytes if it is long. */
export type Text = string | Bytes;

/** A text of this many bytes is long: decoding, parsing and encoding it take milliseconds. */
export const LONG = 1 << 18;

/**
 * UTF-8 in the pieces that arrived, because joining 8 MB needs the memory twice. The members are those
 * of a string, but they count bytes.
 */
export class Bytes {
  /** Number of bytes. */
  readonly length: number;

  /** @param pieces the parts in order; they are not copied */
  constructor(readonly pieces: readonly Uint8Array[]) {
    this.length = pieces.reduce((sum, { length }) => sum + length, 0);
  }

  /** A part of the bytes. A negative `start` counts from the end. */
  slice(start: number, end = this.length): Bytes {
    let from = start < 0 ? this.length + start : start;
    let to = end;
    const parts = this.pieces.map((piece) => {
      const part = piece.subarray(Math.max(0, from), Math.max(0, to));
      from -= piece.length;
      to -= piece.length;
      return part;
    });
    return new Bytes(parts.filter(({ length }) => length > 0));
  }

  /** Whether `word`, which must be ASCII of two characters or more, is in the bytes. */
  includes(word: string): boolean {
    const isIn = search(word);
    const most = word.length - 1;
    /** The end of the previous pieces, in which the word may have begun. */
    let end = "";
    return this.pieces.some((piece) => {
      const border = end + String.fromCharCode(...piece.subarray(0, most));
      end = (end + String.fromCharCode(...piece.subarray(-most))).slice(-most);
      return border.includes(word) || isIn(piece);
    });
  }

  /** Decodes the bytes. A byte order mark is kept. */
  toString(): string {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const parts = this.pieces.map((piece) => decoder.decode(piece, { stream: true }));
    return parts.join("") + decoder.decode();
  }
}

/** A piece of this many bytes is not joined with others. */
const LARGE = 1 << 15;

/**
 * Appends `piece` to `pieces`. Small ones are joined: each would cost a write, and under Deno
 * keep the 64 KB that it was read into. As they double in size, each byte is copied a few times only.
 */
export function append(pieces: Uint8Array[], piece: Uint8Array): void {
  let last = piece;
  for (
    let previous = pieces.at(-1);
    previous && last.length < LARGE && previous.length <= 2 * last.length;
    previous = pieces.at(-1)
  ) {
    pieces.pop();
    last = joined(previous, last);
  }
  pieces.push(last);
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

/** A text as a string. */
export function stringOf(text: Text): string {
  return text.toString();
}

/**
 * The content of a file or the output of a program without the invisible characters that editors and
 * `echo` add: a byte order mark at the start, a line break at the end.
 */
export function withoutMarks(text: string): string {
  return text.replace(/^\ufeff/, "").replace(/\r?\n$/, "");
}

/** Creates a function that tells whether a piece contains `word`. */
function search(word: string): (piece: Uint8Array) => boolean {
  const { length } = word;
  const codes = Uint8Array.from(word, (char) => char.charCodeAt(0));
  // Boyer-Moore-Horspool: from the byte at the end of the window, how far the window can move.
  const moves = new Uint8Array(256).fill(length);
  for (let at = 0; at < length - 1; at++) moves[codes[at]] = length - 1 - at;
  return (piece) => {
    for (let end = length - 1; end < piece.length; end += moves[piece[end]]) {
      let back = 0;
      while (back < length && piece[end - back] === codes[length - 1 - back]) back++;
      if (back === length) return true;
    }
    return false;
  };
}
