import { assertEquals } from "@std/assert";
import { includes } from "../../src/text.ts";

Deno.test("a word is found in bytes wherever it is in the string", () => {
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
  ];
  for (const text of texts) {
    assertEquals(includes(new TextEncoder().encode(text), word), text.includes(word), text);
    assertEquals(includes(text, word), text.includes(word), text);
  }
});
