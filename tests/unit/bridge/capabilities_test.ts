import { assertEquals } from "@std/assert";
import { answers, bridgeable } from "../../../src/bridge/capabilities.ts";

for (
  const [elicitation, form, url] of [
    [undefined, false, false],
    [{}, true, false],
    [{ form: {} }, true, false],
    [{ url: {} }, false, true],
    [{ form: {}, url: {} }, true, true],
  ] as const
) {
  const declared = elicitation ? `elicitation ${JSON.stringify(elicitation)}` : "no elicitation";
  Deno.test(`a client with ${declared} ${form ? "answers" : "does not answer"} a form, ${url ? "and" : "not"} a URL`, () => {
    const client = { elicitation };
    const ask = (params: unknown) => answers(client, "elicitation/create", params);
    assertEquals([ask({}), ask({ mode: "form" }), ask({ mode: "url" })], [form, form, url]);
  });
}

Deno.test("a client answers sampling and roots if it declared them, and no other method", () => {
  const client = { sampling: {}, elicitation: {} };
  assertEquals(answers(client, "sampling/createMessage", {}), true);
  assertEquals(answers(client, "roots/list", {}), false);
  assertEquals(answers({ roots: {} }, "roots/list", undefined), true);
  assertEquals(answers({ roots: {} }, "sampling/createMessage", {}), false);
  assertEquals(answers(client, "tools/list", {}), false);
});

Deno.test("tasks are left out of the capabilities, and extensions too if nothing else is in them", () => {
  const tasks = { "io.modelcontextprotocol/tasks": {} };
  assertEquals(bridgeable({ tasks: {}, tools: {}, extensions: tasks }), { tools: {} });
  assertEquals(bridgeable({ extensions: { ...tasks, "x/y": { z: 1 } } }), {
    extensions: { "x/y": { z: 1 } },
  });
  assertEquals(bridgeable(null), {});
});
