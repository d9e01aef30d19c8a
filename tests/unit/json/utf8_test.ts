import { assertEquals } from "@std/assert";
import { createUtf8Decoder } from "../../../src/json/utf8.ts";

function decoded(text: string, size: number): string {
  const bytes = new TextEncoder().encode(text);
  const decode = createUtf8Decoder();
  let result = "";
  for (let at = 0; at < bytes.length; at += size) result += decode(bytes.subarray(at, at + size));
  return result + decode();
}

Deno.test("text is the same however its bytes are cut, a U+FEFF in it included", () => {
  const text = 'é世🎉"\ufeff"\ufeff\ufeffx';
  for (let size = 1; size < 12; size++) assertEquals(decoded(text, size), text, `by ${size}`);
});

Deno.test("a byte order mark at the start is removed, the character after it is kept", () => {
  for (let size = 1; size < 8; size++) assertEquals(decoded("\ufeff\ufeffa", size), "\ufeffa");
});

Deno.test("bytes that are not UTF-8 are replaced, including an incomplete character at the end", () => {
  const decode = createUtf8Decoder();
  assertEquals(decode(Uint8Array.of(0x61, 0xff, 0x62, 0xe4)) + decode(), "a\ufffdb\ufffd");
});
