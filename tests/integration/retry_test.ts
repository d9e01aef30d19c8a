import { assert, assertEquals } from "@std/assert";
import { accepted, reply } from "../parts/scripted_answers.ts";
import { call, handshake, notification, result, withProxy } from "../parts/scripted_proxy.ts";
import { startProxy } from "../parts/proxy.ts";
import {
  type Answer,
  type ScriptedRequest,
  startScriptedServer,
} from "../parts/scripted_server.ts";

// What may be sent again, and what must not: the table of src/upstream/retry_policy.ts from outside.

const refused = (status: number, retryAfter?: string, body: BodyInit | null = null): Answer => () =>
  new Response(body, {
    status,
    headers: retryAfter === undefined ? {} : { "retry-after": retryAfter },
  });

const closed: Answer = () => Response.error();

const rpcError = '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"busy"}}';

/** How a call fares whose first attempt is answered so: sent again, or reported. */
const CALLS: readonly [what: string, first: Answer, outcome: "again" | { mayHaveRun: boolean }][] =
  [
    ["429", refused(429), "again"],
    ["429 with Retry-After", refused(429, "0"), "again"],
    ["429 with a date as Retry-After", refused(429, "Thu, 01 Jan 1970 00:00:00 GMT"), "again"],
    ["429 with a JSON-RPC error", refused(429, undefined, rpcError), "again"],
    ["503 with Retry-After", refused(503, "0"), "again"],
    ["503 with Retry-After and a JSON-RPC error", refused(503, "0", rpcError), "again"],
    ["401", refused(401), "again"],
    ["503", refused(503), { mayHaveRun: true }],
    ["500", refused(500), { mayHaveRun: true }],
    ["502 with Retry-After", refused(502, "0"), { mayHaveRun: true }],
    ["504", refused(504), { mayHaveRun: true }],
    ["400", refused(400), { mayHaveRun: false }],
    ["a connection that is closed", closed, { mayHaveRun: true }],
  ];

for (const [what, first, outcome] of CALLS) {
  const name = outcome === "again"
    ? `a call that meets ${what} is sent again`
    : `a call that meets ${what} is not sent again, and ${
      outcome.mayHaveRun ? "may" : "cannot"
    } have run`;
  Deno.test(name, () => {
    const answers = [first];
    return withProxy({
      "tools/call": (request) => answers.shift()?.(request) ?? reply(request, {}),
    }, async ({ proxy, server }) => {
      await proxy.send(call(1));
      const { message } = await proxy.response(1);
      if (outcome === "again") assertEquals(message, result(1));
      else assertEquals(message.error.data.mayHaveRun, outcome.mayHaveRun);
      const sent = server.received("tools/call");
      assertEquals(sent.length, outcome === "again" ? 2 : 1);
      assert(sent.every(({ body }) => body === sent[0].body));
    });
  });
}

const READING = [
  ["completion/complete", {}],
  ["logging/setLevel", { level: "info" }],
  ["ping", {}],
  ["prompts/get", { name: "greet" }],
  ["prompts/list", {}],
  ["resources/list", {}],
  ["resources/read", { uri: "note://a" }],
  ["resources/templates/list", {}],
  ["tools/list", {}],
] as const;

Deno.test("what only reads is sent again when the connection breaks, and a bounded number of times", () => {
  let broken: number;
  return withProxy(
    Object.fromEntries(READING.map(([method]) => [
      method,
      (request: ScriptedRequest) => broken-- > 0 ? Response.error() : reply(request, {}),
    ])),
    async ({ proxy, server }) => {
      for (const [id, [method, params]] of READING.entries()) {
        broken = 1;
        await proxy.send({ jsonrpc: "2.0", id, method, params });
        assertEquals((await proxy.response(id)).message, result(id), method);
        assertEquals(server.received(method).length, 2, method);
      }
      broken = 100;
      await proxy.send({ jsonrpc: "2.0", id: "bounded", method: "ping" });
      const { error } = (await proxy.response("bounded")).message;
      assertEquals(error.data.reason, "interrupted");
      assertEquals(server.received("ping").length, 2 + 3);
    },
  );
});

for (const method of ["resources/subscribe", "tools/call", "tasks/cancel", "x/unknown"]) {
  Deno.test(`${method} is not sent again when the connection breaks`, () =>
    withProxy({ [method]: closed }, async ({ proxy, server }) => {
      await proxy.send({ jsonrpc: "2.0", id: 1, method, params: {} });
      assertEquals((await proxy.response(1)).message.error.data.mayHaveRun, true);
      assertEquals(server.received(method).length, 1);
    }));
}

Deno.test("a batch is not sent again when the connection breaks", () =>
  withProxy({ batch: closed }, async ({ proxy, server }) => {
    await proxy.send([{ jsonrpc: "2.0", id: 1, method: "ping" }, call(2)]);
    for (const id of [1, 2]) {
      assertEquals((await proxy.response(id)).message.error.data.mayHaveRun, true);
    }
    assertEquals(server.received("batch").length, 1);
  }, { revision: "2025-03-26" }));

Deno.test("a server that always refuses is asked a limited number of times", () =>
  withProxy({ "tools/call": refused(429, "0") }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    const { data } = (await proxy.response(1)).message.error;
    assertEquals([data.status, data.retryAfter, data.mayHaveRun], [429, 0, false]);
    assertEquals(server.received("tools/call").length, 4);
  }));

Deno.test("a Retry-After that is longer than clients wait is passed on instead of waited for", () =>
  withProxy({ "tools/call": refused(503, "3600") }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    const { data } = (await proxy.response(1)).message.error;
    assertEquals([data.status, data.retryAfter, data.mayHaveRun], [503, 3_600_000, false]);
    assertEquals(server.received("tools/call").length, 1);
  }));

Deno.test("a call that is cancelled while the server wants it to wait is not sent again", () =>
  withProxy({ "tools/call": refused(429, "20") }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    await server.requests.until(({ name }) => name === "tools/call");
    await proxy.send(notification("notifications/cancelled", { requestId: 1 }));
    await server.requests.until(({ name }) => name === "notifications/cancelled");
    await proxy.closeStdin();
    assertEquals((await proxy.status).code, 0);
    assertEquals(server.received("tools/call").length, 1);
    assertEquals(proxy.lines.map(({ message }) => message.id), ["initialize"]);
  }));

Deno.test("a notification that is refused temporarily is sent again, and the next ones keep their order", () => {
  const answers: Answer[] = [refused(503, "0"), refused(429, "0")];
  return withProxy({
    "notifications/progress": (request) => answers.shift()?.(request) ?? accepted(),
  }, async ({ proxy, server }) => {
    for (const progress of [1, 2]) {
      await proxy.send(notification("notifications/progress", { progress }));
    }
    await server.requests.until(({ name }) => name === "notifications/progress", 4);
    assertEquals(
      server.received("notifications/progress").map(({ message }) => message.params.progress),
      [1, 1, 1, 2],
    );
  });
});

Deno.test("a call while the server is away reaches it once it is back, once", async () => {
  const first = await startScriptedServer();
  const port = Number(new URL(first.url).port);
  await using proxy = startProxy({ env: { ...first.env } });
  await handshake({ proxy, server: first });
  await proxy.send(call(0));
  await proxy.response(0);
  await first.endConnections();
  await first.close();
  await proxy.send(call(1));
  await using second = await startScriptedServer({}, { port });
  assertEquals((await proxy.response(1)).message, result(1));
  assertEquals(second.received("tools/call").length, 1);
});
