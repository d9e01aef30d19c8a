import { assertEquals } from "@std/assert";
import { progressText } from "../../../../src/commands/client/waiting.ts";

for (
  const [params, expected] of [
    [{ progress: 3, total: 10, message: "Copying\nfiles" }, "Copying files (3 of 10)"],
    [{ progress: 3 }, "Waiting for the server (3)"],
    [{ progress: "3", message: 7 }, "Waiting for the server"],
    [{ progress: 0.5, total: 1, message: " " }, "Waiting for the server (0.5 of 1)"],
    [undefined, "Waiting for the server"],
  ] as const
) {
  Deno.test(`progress as one line: ${expected}`, () =>
    assertEquals(progressText(params), expected));
}

Deno.test("a server's control characters in its progress do not reach the terminal", () => {
  assertEquals(progressText({ message: "\x1b[2Jx" }).includes("\x1b"), false);
});
