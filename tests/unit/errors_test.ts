import { assertEquals } from "@std/assert";
import { messageOf } from "../../src/errors.ts";

Deno.test("the message of an error is one line", () => {
  assertEquals(messageOf(new Error("a \r\n  b\nc")), "a b c");
  assertEquals(messageOf(new Error("")), "Error");
  assertEquals(messageOf("text"), "text");
});

Deno.test("a megabyte of white space in a message takes linear time", () => {
  messageOf(new Error(`a${" ".repeat(1_000_000)}b`)); // With a quadratic pattern this takes minutes.
});
