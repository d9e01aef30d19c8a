import { assertEquals } from "@std/assert";
import { didYouMean, suggestion } from "../../../src/commands/suggestion.ts";

Deno.test("the nearest known word is suggested", () => {
  assertEquals(suggestion("chekc", ["call", "check", "config"]), "check");
  assertEquals(suggestion("vscod", ["vscode", "zed"]), "vscode");
  assertEquals(suggestion("hlep", ["help", "version"]), "help");
});

Deno.test("a word that is not similar to any gets no suggestion", () => {
  assertEquals(suggestion("hunter2", ["check", "call"]), undefined);
  assertEquals(suggestion("x".repeat(100_000), ["check"]), undefined);
});

Deno.test("a suggestion is a question at the end of a sentence", () => {
  assertEquals(didYouMean("scop", ["scope"], "--"), "; did you mean --scope?");
  assertEquals(didYouMean("x", ["scope"]), "");
});
