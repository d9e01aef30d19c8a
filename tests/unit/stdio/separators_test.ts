import { assertEquals } from "@std/assert";
import { escapeSeparators, escapeSeparatorsInBytes } from "../../../src/stdio/separators.ts";
import { Bytes } from "../../../src/json/text.ts";
import { inPieces } from "../../parts/pieces.ts";

const TEXT = '{"a":"one\u2028two\u2029\u2028","b":"\u2027 \u2018quoted\u2019 grüße \u{1f600}"}';
const ESCAPED = TEXT.replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");

Deno.test("U+2028 and U+2029 are escaped, and nothing else changes, wherever the bytes are cut", () => {
  assertEquals(escapeSeparators(TEXT), ESCAPED);
  assertEquals(JSON.parse(ESCAPED), JSON.parse(TEXT));
  for (const size of [1, 2, 3, 5, 7, 1_000]) {
    const pieces = [...escapeSeparatorsInBytes(inPieces(TEXT, size).pieces)];
    assertEquals(new Bytes(pieces).toString(), ESCAPED);
  }
});
