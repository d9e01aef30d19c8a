import { assert, assertEquals } from "@std/assert";
import { modern, modernCall } from "../parts/modern_messages.ts";
import { event, jsonText, openBody, reply } from "../parts/scripted_answers.ts";
import { call, withProxy } from "../parts/scripted_proxy.ts";
import type { ScriptedRequest } from "../parts/scripted_server.ts";
import {
  asking,
  askingCall,
  inText,
  isModern,
  MODERN,
  modernOnly,
  withBridge,
} from "../parts/eras.ts";

// A bridge in front of servers that do what real ones do only sometimes.

for (
  const [what, refusal] of [
    ["in plain text", inText],
    ["with -32022", (request: ScriptedRequest) =>
      jsonText(
        `{"jsonrpc":"2.0","id":${
          JSON.stringify(request.message.id ?? null)
        },"error":{"code":-32022,"message":"no"}}`,
        { status: 400 },
      )],
    ["with -32601 and 200", (request: ScriptedRequest) =>
      jsonText(
        `{"jsonrpc":"2.0","id":${
          JSON.stringify(request.message.id ?? null)
        },"error":{"code":-32601,"message":"no"}}`,
      )],
  ] as const
) {
  Deno.test(`a legacy client reaches a modern server that refuses initialize ${what}`, () =>
    withProxy(
      modernOnly({ "tools/call": (request) => reply(request, { content: [] }) }, refusal),
      async ({ proxy, server }) => {
        await proxy.send({
          jsonrpc: "2.0",
          id: 0,
          method: "initialize",
          params: {
            protocolVersion: "2025-06-18",
            capabilities: {},
            clientInfo: { name: "a", version: "1" },
          },
        });
        const { message } = await proxy.response(0);
        assertEquals(message.result.protocolVersion, "2025-06-18");
        assertEquals(message.result.serverInfo.name, "modern");
        await proxy.send({ jsonrpc: "2.0", method: "notifications/initialized" });
        await proxy.send(call(1));
        assertEquals((await proxy.response(1)).message.result, { content: [] });
        const [sent] = server.received("tools/call");
        assertEquals(sent.headers["mcp-name"], "echo");
        assertEquals(server.received("notifications/initialized"), []);
      },
      { revision: null },
    ));
}

Deno.test("a server that answers initialize and then refuses everything in plain text is a modern one", () =>
  withProxy(
    {
      ...modernOnly({ "tools/call": (request) => reply(request, { content: [] }) }, inText),
      initialize: (request) =>
        reply(request, {
          protocolVersion: "2025-11-25",
          capabilities: {},
          serverInfo: { name: "go", version: "1" },
        }),
    },
    async ({ proxy, server }) => {
      await proxy.send(call(1));
      assertEquals((await proxy.response(1)).message.result, { content: [] });
      assertEquals(server.received("tools/call").filter(isModern).length, 1);
    },
  ));

Deno.test("over the bridge only the members change that have to: numbers, order and the rest stay", () =>
  withBridge({ "tools/call": (request) => reply(request, {}) }, async (scripted) => {
    const { proxy, server } = scripted;
    const params =
      `"name":"echo", "x":[1.0],"arguments":{ "n":12345678901234567890,"é":"\\u00e9" },"_meta":{"progressToken":7}`;
    await proxy.send(`{"method":"tools/call","jsonrpc":"2.0","params":{${params}},"id":1}`);
    await proxy.response(1);
    const [{ body }] = server.received("tools/call");
    assert(
      body.startsWith(
        '{"method":"tools/call","jsonrpc":"2.0","params":{"name":"echo", "x":[1.0],',
      ),
    );
    assert(body.includes('"arguments":{ "n":12345678901234567890,"é":"\\u00e9" }'), body);
    assert(body.includes('"progressToken":7'));
    assertEquals(
      JSON.parse(body).params._meta["io.modelcontextprotocol/protocolVersion"],
      MODERN,
    );
  }));

Deno.test("a long argument survives the bridge, with progress and without", () =>
  withBridge({ "tools/call": (request) => reply(request, {}) }, async ({ proxy, server }) => {
    const text = "é".repeat(300_000);
    for (const [id, meta] of [[1, {}], [2, { _meta: { progressToken: 7 } }]] as const) {
      await proxy.send({ ...call(id), params: { name: "echo", arguments: { text }, ...meta } });
      await proxy.response(id);
      const sent = server.received("tools/call")[id - 1];
      assertEquals(sent.message.params.arguments.text.length, text.length);
      assertEquals(sent.headers["mcp-name"], "echo");
      assertEquals(sent.message.params._meta.progressToken, id === 2 ? 7 : undefined);
    }
  }));

Deno.test("a client that did not declare elicitation gets an error instead of a question", () =>
  withBridge({
    "tools/call": (request) =>
      reply(request, {
        resultType: "input_required",
        inputRequests: {
          a: { method: "elicitation/create", params: { mode: "url", message: "?" } },
        },
      }),
  }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    const { error } = (await proxy.response(1)).message;
    assert(error.message.includes("elicitation/create by URL"), error.message);
    assertEquals(server.received("tools/call").length, 1);
  }));

Deno.test("stdin closed during a question: the call ends with one answer", () =>
  withBridge({
    "tools/call": (request) =>
      reply(request, {
        resultType: "input_required",
        inputRequests: { a: { method: "elicitation/create", params: { message: "?" } } },
      }),
  }, async ({ proxy }) => {
    await proxy.send(call(1));
    await proxy.next(({ message }) => message.method === "elicitation/create");
    await proxy.closeStdin();
    assert((await proxy.response(1)).message.error);
    assertEquals((await proxy.status).code, 0);
    assertEquals(proxy.lines.filter(({ message }) => message.id === 1).length, 1);
  }));

Deno.test("a question of a legacy server becomes input_required; the call runs once, and its state works once", () =>
  withProxy(asking(), async ({ proxy, server }) => {
    await proxy.send(askingCall(1));
    const { result } = (await proxy.response(1)).message;
    assertEquals(result.resultType, "input_required");
    const [[key, question]] = Object.entries(result.inputRequests);
    assertEquals(question, { method: "elicitation/create", params: { message: "Who?" } });
    const answers = {
      inputResponses: { [key]: { action: "accept", content: { name: "Ada" } } },
      requestState: result.requestState,
    };

    await proxy.send(askingCall(2, { ...answers, arguments: { other: 1 } }));
    assertEquals((await proxy.response(2)).message.error.code, -32602, "bound to the arguments");
    const forged = `A${result.requestState.slice(1)}`;
    const changed = forged === result.requestState ? `B${forged.slice(1)}` : forged;
    await proxy.send(askingCall(3, { ...answers, requestState: changed }));
    assertEquals((await proxy.response(3)).message.error.code, -32602, "sealed");

    await proxy.send(askingCall(4, answers));
    const done = (await proxy.response(4)).message.result;
    assertEquals([done.resultType, done.who], ["complete", { name: "Ada" }]);
    await proxy.send(askingCall(5, answers));
    assertEquals((await proxy.response(5)).message.error.code, -32602, "used");
    assertEquals(server.received("tools/call").filter((request) => !isModern(request)).length, 1);
  }, { revision: null }));

Deno.test("stdin closed while input is awaited: the call is cancelled at the legacy server", () =>
  withProxy(asking(), async ({ proxy, server }) => {
    await proxy.send(askingCall(1));
    await proxy.response(1);
    await proxy.closeStdin();
    assertEquals((await proxy.status).code, 0);
    assertEquals(server.received("notifications/cancelled").length, 1);
    assertEquals(server.received("DELETE").length, 1);
  }, { revision: null }));

Deno.test("server/discover of a modern client is answered from a legacy server's initialize", () =>
  withProxy({ "server/discover": inText }, async ({ proxy, server }) => {
    await proxy.send(modern(1, "server/discover"));
    const { result } = (await proxy.response(1)).message;
    assertEquals(result.supportedVersions, [MODERN]);
    assertEquals(result._meta["io.modelcontextprotocol/serverInfo"].name, "scripted");
    assertEquals([result.resultType, result.ttlMs, result.cacheScope], ["complete", 0, "private"]);
    await proxy.send(modern(2, "tools/list"));
    const { result: list } = (await proxy.response(2)).message;
    assertEquals([list.resultType, list.ttlMs, list.cacheScope], ["complete", 0, "private"]);
    const [sent] = server.received("tools/list");
    assertEquals(sent.headers["mcp-session-id"], "session-1");
    assertEquals(sent.message.params, {});
  }, { revision: null }));

Deno.test("a subscription is acknowledged once the server's stream is open, so that nothing is lost", async () => {
  const opened = Promise.withResolvers<void>();
  const stream = openBody();
  await withProxy({
    "server/discover": inText,
    async GET() {
      await opened.promise;
      return stream.response;
    },
  }, async ({ proxy, server }) => {
    const filter = { notifications: { toolsListChanged: true } };
    await proxy.send(modern(1, "server/discover"));
    await proxy.response(1);
    await proxy.send(modern("sub", "subscriptions/listen", filter));
    await server.requests.until(({ name }) => name === "GET");
    await proxy.send(modern(2, "tools/list"));
    await proxy.response(2);
    assertEquals(proxy.lines.length, 2, "no acknowledgement yet");
    opened.resolve();
    const { message: acknowledgement } = await proxy.next();
    assertEquals(acknowledgement.method, "notifications/subscriptions/acknowledged");
    stream.send(event({ jsonrpc: "2.0", method: "notifications/tools/list_changed" }));
    const { message } = await proxy.next();
    assertEquals(message.method, "notifications/tools/list_changed");
    assertEquals(message.params._meta["io.modelcontextprotocol/subscriptionId"], "sub");
  }, { revision: null });
});

Deno.test("pairs that match cost no extra request", async () => {
  await withProxy({}, async ({ proxy, server }) => {
    await proxy.send(call(1));
    await proxy.response(1);
    assertEquals(server.received("server/discover"), []);
    assertEquals(server.received("initialize").length, 1);
  });
  await withProxy({}, async ({ proxy, server }) => {
    await proxy.send(modernCall(1));
    await proxy.response(1);
    assertEquals([...server.requests].map(({ name }) => name), ["token", "tools/call"]);
  }, { revision: null });
});

Deno.test("MCP_PROTOCOL=pass-through bridges nothing", () =>
  withProxy({ "server/discover": inText }, async ({ proxy, server }) => {
    await proxy.send(modern(1, "server/discover"));
    assert((await proxy.response(1)).message.error);
    assertEquals(server.received("initialize"), []);
  }, { revision: null, env: { MCP_PROTOCOL: "pass-through" } }));
