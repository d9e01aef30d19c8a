import { assertEquals, assertMatch } from "@std/assert";
import { reportError } from "../../../src/commands/startup_errors.ts";

function reported(error: unknown, format = "text"): { code: number; text: string } {
  let text = "";
  const code = reportError(error, ({ key }) => key === "logFormat" ? format : undefined, {
    writeStderr: (line) => text += line,
  });
  return { code, text };
}

Deno.test("a failure that stops the program is one line", () => {
  assertEquals(reported(new Error("no such entry")), { code: 1, text: "[Error] no such entry\n" });
});

Deno.test("a fault that stops the program is reported with its stack, in the format of the log", () => {
  const { code, text } = reported(new TypeError("x is undefined"));
  assertEquals(code, 1);
  assertMatch(
    text,
    /^\[Error\] Internal error: TypeError: x is undefined \| at .*startup_errors_test/,
  );
  const { level, message } = JSON.parse(reported(new TypeError("x is undefined"), "json").text);
  assertEquals(level, "error");
  assertMatch(message, /^Internal error: TypeError: x is undefined \| at /);
});
