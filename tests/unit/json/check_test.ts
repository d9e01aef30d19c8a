import { assertEquals } from "@std/assert";
import { isJson } from "../../../src/json/check.ts";
import { Bytes } from "../../../src/json/text.ts";
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

Deno.test("a byte that a string cannot contain is found anywhere in a long string", () => {
  const bytesAllowed = [[0x1f, false], [0x22, false], [0x5c, false], [0x20, true], [0xff, true]];
  for (const [byte, isAllowed] of bytesAllowed) {
    for (let offset = 0; offset < 4; offset++) {
      for (let at = 60; at < 90; at++) {
        const bytes = new Uint8Array(offset + 202).fill(0x7f).subarray(offset);
        bytes[0] = bytes[201] = 0x22;
        bytes[at] = Number(byte);
        assertEquals(isJson(new Bytes([bytes])), isAllowed, `${byte} at ${at}, offset ${offset}`);
      }
    }
  }
});
