import { assertEquals } from "@std/assert";
import { onceEach } from "../../../src/log/once_each.ts";

Deno.test("each text is reported once, and after a limit only that there are more", () => {
  const reported: string[] = [];
  const report = onceEach((text) => reported.push(text), "more", 3);
  for (const text of ["a", "a", "b", "c", "a", "d", "e", "f"]) report(text);
  assertEquals(reported, ["a", "b", "c", "more"]);
});

Deno.test("a long text is cut", () => {
  const reported: string[] = [];
  onceEach((text) => reported.push(text), "more")("x".repeat(1_000_000));
  assertEquals(reported[0].length, 501);
});
