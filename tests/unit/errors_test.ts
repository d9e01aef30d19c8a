import { assertEquals, assertRejects } from "@std/assert";
import { ExplainedError, messageOf, ProxyError, unlessFault, wrapped } from "../../src/errors.ts";

Deno.test("the message of an error is one line", () => {
  assertEquals(messageOf(new Error("a \r\n  b\nc")), "a b c");
  assertEquals(messageOf(new Error("")), "Error");
  assertEquals(messageOf("text"), "text");
});

Deno.test("a megabyte of white space in a message takes linear time", () => {
  messageOf(new Error(`a${" ".repeat(1_000_000)}b`)); // With a quadratic pattern this takes minutes.
});

Deno.test("a hint follows the problem in a new sentence", () => {
  const message = (problem: string) => new ExplainedError({ problem, hint: "Do this" }).message;
  assertEquals(message("It failed"), "It failed. Do this");
  assertEquals(message("The server says: no."), "The server says: no. Do this");
});

Deno.test("a value takes the place of a failure, but not of a fault in the program", async () => {
  const failed = Promise.reject(new Error("connection refused"));
  assertEquals(await failed.catch(unlessFault("")), "");
  for (const fault of [new TypeError("x is undefined"), new URIError("URI malformed")]) {
    await assertRejects(() => Promise.reject(fault).catch(unlessFault("")), Error, fault.message);
  }
});

Deno.test("an error that is wrapped keeps its cause; a fault in the program has the reason internal", () => {
  const failed = new Error("reset");
  const words = (text: string) => `The connection broke: ${text}`;
  const error = wrapped(failed, "interrupted", words, {});
  assertEquals([error.reason, error.cause], ["interrupted", failed]);
  const fault = new RangeError("out of range");
  const internal = wrapped(fault, "interrupted", words, {});
  assertEquals([internal.reason, internal.cause], ["internal", fault]);
  assertEquals(wrapped(internal, "interrupted", words, {}), internal);
  assertEquals(new ProxyError("token", "no", {}, failed).cause, failed);
});
