import { assertEquals, assertStringIncludes } from "@std/assert";
import { ProxyError, wrapped } from "../../../src/errors.ts";
import { logFault } from "../../../src/log/fault.ts";
import { SILENT } from "../../../src/log/log.ts";

function recorder() {
  const lines: string[] = [];
  return { lines, log: { ...SILENT, error: (_: string, text: string) => void lines.push(text) } };
}

const words = (text: string) => `The request failed: ${text}`;

Deno.test("a fault in the program is logged once with its stack, however often it is wrapped", () => {
  const { lines, log } = recorder();
  const fault = new TypeError("x is undefined");
  const first = wrapped(fault, "interrupted", words, {});
  const second = wrapped(first, "bad_response", words, {});
  const third = new ProxyError(second.reason, second.message, {}, second);
  for (const error of [second, third, first, fault]) assertEquals(logFault(log, error), true);
  assertEquals(lines.length, 1);
  assertStringIncludes(lines[0], "TypeError: x is undefined");
  assertStringIncludes(lines[0], "fault_test.ts");
});

Deno.test("an external failure is not an internal error", () => {
  const { lines, log } = recorder();
  const error = wrapped(new Error("connection refused"), "unreachable", words, {});
  assertEquals([error.reason, error.message], [
    "unreachable",
    "The request failed: connection refused",
  ]);
  assertEquals(error.cause instanceof Error, true);
  assertEquals([logFault(log, error), lines.length], [false, 0]);
});
