import { assertEquals } from "@std/assert";
import { longestWord, wrap } from "../../../src/commands/wrap.ts";

Deno.test("text is broken between words", () => {
  assertEquals(wrap("one two three", 7), ["one two", "three"]);
  assertEquals(wrap("one two three", 20), ["one two three"]);
  assertEquals(wrap("", 20), [""]);
});

Deno.test("without a width the text is one line", () => {
  assertEquals(wrap("one two three"), ["one two three"]);
});

Deno.test("a word that is longer than a line stays whole", () => {
  assertEquals(wrap("at https://example.com/a/long/path now", 10), [
    "at",
    "https://example.com/a/long/path",
    "now",
  ]);
  assertEquals(longestWord("at https://example.com now"), 19);
});

Deno.test("a setting with a quoted value stays whole", () => {
  assertEquals(wrap('now set MCP_SCOPE="one two"', 20), ["now set", 'MCP_SCOPE="one two"']);
});
