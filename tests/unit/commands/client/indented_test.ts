import { assertEquals } from "@std/assert";
import { indented } from "../../../../src/commands/client/indented.ts";

Deno.test("JSON is indented like JSON.stringify", () => {
  const values = [
    {},
    [],
    1,
    "a",
    null,
    [[], {}, [1, 2], { a: [], b: { c: true } }],
    { "a,b:{}[]": 'x "y" \\ z', "": [{ d: "\u2028\n" }] },
  ];
  for (const value of values) {
    assertEquals(indented(` ${JSON.stringify(value)}\n`), JSON.stringify(value, null, 2));
  }
});

Deno.test("numbers and texts stay as they were written", () => {
  assertEquals(
    indented('{"id":9007199254740993,"one":1.0,"e":"\\u00e9\\/","id":-0}'),
    '{\n  "id": 9007199254740993,\n  "one": 1.0,\n  "e": "\\u00e9\\/",\n  "id": -0\n}',
  );
});

Deno.test("a text of several megabytes works", () => {
  const json = `["${'\\"a'.repeat(2e6)}"]`;
  assertEquals(indented(json).length, json.length + 4);
});
