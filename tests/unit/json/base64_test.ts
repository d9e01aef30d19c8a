import { assertEquals, assertThrows } from "@std/assert";
import { fromBase64, toBase64, toBase64Url } from "../../../src/json/base64.ts";

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);

Deno.test("bytes survive base64 and base64url", () => {
  for (const length of [0, 1, 2, 3, 256]) {
    const bytes = ALL_BYTES.slice(256 - length);
    assertEquals(fromBase64(toBase64(bytes)), bytes);
    assertEquals(fromBase64(toBase64Url(bytes)), bytes);
  }
});

Deno.test("base64url has no padding and only characters that URLs allow", () => {
  assertEquals(toBase64(Uint8Array.of(0xfb, 0xef, 0xff, 0xfe)), "++///g==");
  assertEquals(toBase64Url(Uint8Array.of(0xfb, 0xef, 0xff, 0xfe)), "--___g");
});

Deno.test("a text that is not base64 is an error", () => {
  assertThrows(() => fromBase64("not base64!"));
});
