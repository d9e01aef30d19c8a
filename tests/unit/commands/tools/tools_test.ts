import { assert, assertEquals } from "@std/assert";
import { toolsText } from "../../../../src/commands/tools/tools.ts";

Deno.test("tools are listed in columns, with long descriptions wrapped", () => {
  const tools = [{ name: "add", description: "Adds two\nnumbers" }, { name: "echo" }];
  assertEquals(toolsText(JSON.stringify(tools), 80), "  add   Adds two numbers\n  echo");
  assertEquals(toolsText(JSON.stringify(tools), 18), "  add   Adds two\n        numbers\n  echo");
});

Deno.test("a server's control characters do not reach the terminal", () => {
  const text = toolsText(JSON.stringify([{ name: "a\x1b[2J", description: "b\x07" }]));
  // deno-lint-ignore no-control-regex
  assert(!/[\x00-\x09\x0b-\x1f]/.test(text), JSON.stringify(text));
});

Deno.test("malformed tools and an empty list are shown as far as possible", () => {
  assertEquals(toolsText("[]"), "The server has no tools.");
  assertEquals(toolsText('[null, 1, {"name": "a"}]').split("\n").length, 3);
});
