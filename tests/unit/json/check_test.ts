import { assertEquals } from "@std/assert";
import { isJson } from "../../../src/json/check.ts";
import { inPieces } from "../../parts/pieces.ts";

const VALID = [
  "0",
  "-0.5e+10",
  "12E3",
  "true",
  " null ",
  '""',
  '"\\u00eF\\n\\"\\\\ grüße"',
  "[]",
  "{}",
  '[1,[],{"a":{"b":[false]}} , "x"]',
  '{"a":1,"a":2}',
];
const INVALID = [
  "",
  " ",
  "01",
  "-",
  "1.",
  ".5",
  "1e",
  "+1",
  "tru",
  "True",
  '"a',
  '"\\x"',
  '"\\u12g4"',
  '"a\nb"',
  "[",
  "[1,]",
  "[1 2]",
  "{,}",
  '{"a"}',
  '{"a":}',
  '{"a":1,}',
  "{a:1}",
  "[1}",
  "1 2",
  "{}{}",
  "[1]\u0000",
  "<html>",
];

Deno.test("the check accepts what JSON.parse accepts, and nothing else, wherever the text is cut", () => {
  for (const text of [...VALID, ...INVALID]) {
    const expected = VALID.includes(text);
    for (const form of [text, inPieces(text), inPieces(text, 1)]) {
      assertEquals(isJson(form), expected, `${JSON.stringify(text)}`);
    }
    let parses = true;
    try {
      JSON.parse(text);
    } catch {
      parses = false;
    }
    assertEquals(parses, expected, text);
  }
});

Deno.test("endless nesting is refused instead of filling the memory", () => {
  assertEquals(isJson("[".repeat(1_000_000)), false);
});
