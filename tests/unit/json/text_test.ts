import { assert, assertEquals } from "@std/assert";
import { append, Bytes } from "../../../src/json/text.ts";
import { cutAt, inPieces } from "../../parts/pieces.ts";

const TEXT = "\ufeffGrüße, 世界 🎉 abcab!";
const encoder = new TextEncoder();

/** `text` as bytes: in one piece, cut once at each possible place, and in pieces of one size. */
function* allWays(text: string): Generator<Bytes> {
  const { length } = encoder.encode(text);
  for (let at = 0; at <= length; at++) yield cutAt(text, at);
  for (let size = 1; size <= 7; size++) yield inPieces(text, size);
}

Deno.test("bytes are the same text wherever they are cut, also within a character", () => {
  for (const bytes of allWays(TEXT)) {
    assertEquals(bytes.toString(), TEXT);
    assertEquals(bytes.length, encoder.encode(TEXT).length);
  }
});

Deno.test("a part of bytes is that part wherever they are cut", () => {
  const ascii = "0123456789";
  const ranges = [[0], [3], [3, 7], [0, 10], [9, 99], [-4], [-99], [5, 5], [10]] as const;
  for (const bytes of allWays(ascii)) {
    for (const [start, end] of ranges) {
      const part = bytes.slice(start, end);
      assertEquals(part.toString(), ascii.slice(start, end), `${start} to ${end}`);
      assertEquals(part.length, ascii.slice(start, end).length);
    }
  }
});

Deno.test("a word is found in bytes wherever it is in the string, and they are cut", () => {
  const word = "abcab";
  const texts = [
    "",
    "abca",
    "abcab",
    "xabcab",
    "abcabx",
    "ababcab",
    "abcaabcab",
    "größe abcab",
    "abcac",
    "abcxab",
    "abca cab",
  ];
  for (const text of texts) {
    for (const bytes of allWays(text)) {
      assertEquals(bytes.includes(word), text.includes(word), text);
    }
  }
});

Deno.test("large parts of bytes and large appended bytes are not copied", () => {
  const large = [1, 2, 3].map((fill) => new Uint8Array(1 << 16).fill(fill));
  const pieces: Uint8Array[] = [];
  for (const piece of large) append(pieces, piece);
  assertEquals(pieces.map((piece, at) => piece === large[at]), [true, true, true]);
  const part = new Bytes(pieces).slice(10, -1 + 3 * (1 << 16));
  assertEquals(part.pieces.map(({ buffer }, at) => buffer === large[at].buffer), [
    true,
    true,
    true,
  ]);
});

Deno.test("small pieces are joined in order, and none keeps more memory than it needs", () => {
  const lengths = [
    Array<number>(100_000).fill(1),
    Array.from({ length: 1_000 }, (_, at) => 1_000 - at),
    Array.from({ length: 1_000 }, (_, at) => at + 1),
    Array.from({ length: 200 }, (_, at) => at % 2 === 0 ? 1 : 1 << 16),
  ];
  for (const some of lengths) {
    const pieces: Uint8Array[] = [];
    let next = 0;
    for (const length of some) {
      // As Deno reads: into 64 KB, however little comes.
      append(pieces, new Uint8Array(1 << 16).subarray(0, length).map(() => next++));
    }
    const total = some.reduce((sum, length) => sum + length, 0);
    const held = pieces.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
    assert(held <= 2 * total + 20 * (1 << 16), `${held} bytes for ${total}`);
    assert(pieces.length <= total / (1 << 14) + 20, `${pieces.length} pieces`);
    let at = 0;
    assert(pieces.every((piece) => piece.every((byte) => byte === at++ % 256)));
    assertEquals(at, total);
  }
});
