import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { credentialText } from "../../../src/settings/credential_text.ts";

function read(text: string): { value: string; warnings: string[] } {
  const warnings: string[] = [];
  return { value: credentialText(text, (what) => warnings.push(what)), warnings };
}

for (const text of ["s", "it's", 'a"b', "pa$$ word", "é", "漢字", "`", "a'"]) {
  Deno.test(`${text} is used as it is`, () => {
    assertEquals(read(text), { value: text, warnings: [] });
  });
}

for (
  const [text, value, warning] of [
    [" s ", "s", "white space"],
    ["s\r\n", "s", "white space"],
    ["\u00a0s", "s", "white space"],
    ['"s"', '"s"', "quotes"],
    ["'s'", "'s'", "quotes"],
    ["“s”", "“s”", "quotes"],
    ["a\u00a0b", "a\u00a0b", "cannot be seen"],
    ["a\u200bb", "a\u200bb", "cannot be seen"],
    ["s\u2060", "s\u2060", "cannot be seen"],
  ]
) {
  Deno.test(`${JSON.stringify(text)} is used as ${JSON.stringify(value)}, with a warning`, () => {
    const found = read(text);
    assertEquals(found.value, value);
    assertEquals(found.warnings.length, 1);
    assertStringIncludes(found.warnings[0], warning);
  });
}

for (
  const text of ["s3cret\nX-Header: 1", "s3cret\0", "s3cret\x1b[2J", "s3cret\u2028x", "s3cret\x7f."]
) {
  Deno.test(`${JSON.stringify(text)} is refused, and not repeated`, () => {
    const { message } = assertThrows(() => credentialText(text), Error, "control character");
    assertEquals(message.includes("s3cret"), false);
  });
}

for (const text of ["", " ", "\n", "\u00a0"]) {
  Deno.test(`${JSON.stringify(text)} is refused as a credential`, () => {
    assertThrows(() => credentialText(text), Error, "only white space");
  });
}
