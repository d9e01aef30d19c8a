import { Bytes } from "../../src/json/text.ts";

const encoder = new TextEncoder();

/** `text` as bytes that come in two pieces, the second from the byte `at` on. */
export function cutAt(text: string, at: number): Bytes {
  const all = encoder.encode(text);
  return new Bytes([all.subarray(0, at), all.subarray(at)]);
}

/** `text` as bytes that come in pieces of `size`. */
export function inPieces(text: string, size = Infinity): Bytes {
  const all = encoder.encode(text);
  const pieces = [];
  for (let at = 0; at < all.length; at += size) pieces.push(all.subarray(at, at + size));
  return new Bytes(pieces);
}
