import { assert, assertEquals } from "@std/assert";
import { accepted, event, initializeResult, openBody } from "../parts/scripted_answers.ts";
import { call, initialize, notification, result, withProxy } from "../parts/scripted_proxy.ts";

// Node warns (MaxListenersExceededWarning) if more than ten listeners wait for one signal. Many requests
// at the same time must not share one.

const MANY = 30;
const calls = Array.from({ length: MANY }, (_, id) => call(id));
const lines = calls.map((message) => JSON.stringify(message)).join("\n");

function assertNoWarning(stderr: string): void {
  assert(!stderr.includes("MaxListeners"), stderr);
}

Deno.test("many calls that are cancelled when stdin closes add no warning to stderr", () =>
  withProxy({ "tools/call": () => openBody().response }, async ({ proxy, server }) => {
    await proxy.send(lines);
    await server.requests.until(({ name }) => name === "tools/call", MANY);
    await proxy.closeStdin();
    assertEquals((await proxy.status).code, 0);
    assertEquals(server.received("notifications/cancelled").length, MANY);
    assertNoWarning(proxy.stderr);
  }));

Deno.test("many response streams that stay open after the response add no warning to stderr", () =>
  withProxy({
    "tools/call": ({ message: { id } }) => {
      const body = openBody();
      body.send(event(result(id)));
      return body.response;
    },
  }, async ({ proxy, server }) => {
    await proxy.send(lines);
    for (const { id } of calls) await proxy.response(id);
    await proxy.closeStdin();
    await proxy.status;
    for (const { closed } of server.received("tools/call")) await closed;
    assertNoWarning(proxy.stderr);
  }));

Deno.test("many subscriptions of an HTTP+SSE session that is started again add no warning to stderr", () => {
  let stream = openBody();
  return withProxy({
    initialize: () => new Response(null, { status: 405 }),
    GET() {
      stream = openBody();
      stream.send("event: endpoint\ndata: /messages\n\n");
      return stream.response;
    },
    "/messages": (request) => {
      const { method, id } = request.message;
      const isFirst = method === "initialize";
      const value = isFirst ? initializeResult(request, "2024-11-05") : {};
      if (id !== undefined) stream.send(event(result(id, value)));
      return accepted();
    },
  }, async ({ proxy, server }) => {
    await proxy.send(initialize("2024-11-05"));
    await proxy.response("initialize");
    await proxy.send(notification("notifications/initialized"));
    for (let id = 0; id < MANY; id++) {
      const params = { uri: `note://${id}` };
      await proxy.send({ jsonrpc: "2.0", id, method: "resources/subscribe", params });
      await proxy.response(id);
    }
    stream.cut();
    const isSubscription = ({ message }: { message: { method?: string } | undefined }) =>
      message?.method === "resources/subscribe";
    await server.requests.until(isSubscription, 2 * MANY);
    await proxy.send({ jsonrpc: "2.0", id: "last", method: "ping" });
    await proxy.response("last");
    assertNoWarning(proxy.stderr);
  }, { revision: null });
});
