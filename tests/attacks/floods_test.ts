import { assert, assertEquals } from "@std/assert";
import { chunked, openBody } from "../parts/scripted_answers.ts";
import { call, withProxy } from "../parts/scripted_proxy.ts";

Deno.test("A server puts comments between the data lines of an endless event: the limit of a message holds", () =>
  withProxy({
    "tools/call": () => chunked(Array<string>(200).fill(`data: ${"x".repeat(500)}\n: comment\n`)),
  }, async ({ proxy }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message.error.data.reason, "too_large");
  }, { env: { MCP_MAX_MESSAGE_BYTES: "10000" } }));

Deno.test("A client sends thousands of responses at once: no more than 256 are with the server", () => {
  let open = 0;
  let most = 0;
  return withProxy({
    response: async () => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, 5));
      open--;
      return new Response(null, { status: 202 });
    },
  }, async ({ proxy, server }) => {
    const count = 2_000;
    const lines = Array.from(
      { length: count },
      (_, id) => `{"jsonrpc":"2.0","id":${id},"result":{}}`,
    );
    await proxy.send(lines.join("\n"));
    await server.requests.until(({ name }) => name === "response", count);
    assert(most <= 256, `${most} at once`);
    await proxy.send({ jsonrpc: "2.0", id: "ping", method: "ping" });
    await proxy.response("ping");
  });
});

Deno.test("A server talks for ever after stdin has closed: the proxy leaves within five seconds", () => {
  const stream = openBody();
  const timer = setInterval(() => stream.send(": still here\n\n"), 500);
  return withProxy({ "tools/call": () => stream.response }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    await server.requests.until(({ name }) => name === "tools/call");
    await proxy.closeStdin();
    assertEquals((await proxy.status).code, 0);
    assertEquals((await proxy.response(1)).message.error.data.reason, "shutdown");
    assertEquals(server.received("notifications/cancelled").length, 1);
    assertEquals(server.received("DELETE").length, 1);
  }).finally(() => clearInterval(timer));
});
