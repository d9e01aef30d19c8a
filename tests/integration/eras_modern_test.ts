import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { accepted, event, jsonText, openBody, reply, sse } from "../parts/scripted_answers.ts";
import { modern, modernCall } from "../parts/modern_messages.ts";
import { call, handshake, notification, result, withProxy } from "../parts/scripted_proxy.ts";
import type { Scripted } from "../parts/scripted_proxy.ts";
import type { Answer, Script, ScriptedRequest } from "../parts/scripted_server.ts";

// Revision 2026-07-28: every request stands alone.

const withModern = (script: Script, test: (scripted: Scripted) => Promise<void>) =>
  withProxy(script, test, { revision: null });

const named = (name: string) => (request: ScriptedRequest) => request.name === name;

/** The headers of a request that mirror its body. */
function mirrored({ headers }: ScriptedRequest) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("mcp-")));
}

Deno.test("2026-07-28: requests are sent without a handshake, with headers that describe them", () =>
  withModern({}, async ({ proxy, server }) => {
    const requests = [
      modern(1, "server/discover"),
      modern(2, "tools/list"),
      modernCall(3, "echo"),
      modern(4, "prompts/get", { name: "grüßen" }),
      modern(5, "resources/read", { uri: "note://a b" }),
      modern(6, "x/custom", { name: "no name" }),
    ];
    for (const request of requests) {
      await proxy.send(request);
      assertEquals((await proxy.next()).message, result(request.id));
    }
    const version = { "mcp-protocol-version": "2026-07-28" };
    assertEquals([...server.requests].filter(({ name }) => name !== "token").map(mirrored), [
      { ...version, "mcp-method": "server/discover" },
      { ...version, "mcp-method": "tools/list" },
      { ...version, "mcp-method": "tools/call", "mcp-name": "echo" },
      { ...version, "mcp-method": "prompts/get", "mcp-name": "=?base64?Z3LDvMOfZW4=?=" },
      { ...version, "mcp-method": "resources/read", "mcp-name": "note://a b" },
      { ...version, "mcp-method": "x/custom" },
    ]);
  }));

Deno.test("2026-07-28: the bytes of a request stay unchanged", () =>
  withModern({}, async ({ proxy, server }) => {
    const text = JSON.stringify(modernCall(1)).replace('"arguments":{}', '"arguments":{ "n":1.0 }');
    await proxy.send(text);
    assertEquals((await server.requests.until(named("tools/call"))).body, text);
  }));

Deno.test("2026-07-28: a session id of the server is ignored, and no GET or DELETE is sent", () => {
  const withSession: Answer = (request) =>
    reply(request, {}, { headers: { "mcp-session-id": "not-mine" } });
  return withModern({ message: withSession, "tools/list": withSession }, async (scripted) => {
    const { proxy, server } = scripted;
    for (const id of [1, 2]) {
      await proxy.send(modern(id, "tools/list"));
      await proxy.response(id);
    }
    await proxy.closeStdin();
    assertEquals((await proxy.status).code, 0);
    assertEquals([...server.requests].map(({ name }) => name), [
      "token",
      "tools/list",
      "tools/list",
    ]);
    assertEquals([...server.requests].filter(({ headers }) => headers["mcp-session-id"]), []);
  });
});

for (const [status, code] of [[400, -32022], [400, -32003], [404, -32601], [403, -32000]]) {
  Deno.test(`2026-07-28: the server's own error ${code} with ${status} is relayed byte for byte`, () => {
    const answer =
      `{"id":1,"jsonrpc":"2.0","error":{"code":${code},"message":"no","data":{"n":1.0}}}`;
    return withModern({ "x/y": () => jsonText(answer, { status }) }, async ({ proxy, server }) => {
      await proxy.send(modern(1, "x/y"));
      assertEquals((await proxy.next()).text, answer);
      assertEquals([...server.requests].map(({ name }) => name), ["token", "x/y"], "no fallback");
    });
  });
}

Deno.test("2026-07-28: a cancellation closes the stream and is not POSTed, and nothing more is relayed", async () => {
  const body = openBody();
  await withModern({ "tools/call": () => body.response }, async ({ proxy, server }) => {
    await proxy.send(modernCall(1));
    const { closed } = await server.requests.until(named("tools/call"));
    body.send(event(notification("notifications/progress", { progress: 1 })));
    await proxy.next();
    const cancelled = notification("notifications/cancelled", { requestId: 1 });
    await proxy.send(cancelled);
    await closed;
    await proxy.send(modern(2, "tools/list"));
    assertEquals((await proxy.next()).message, result(2));
    assertEquals(server.received("notifications/cancelled"), []);
    assertEquals(proxy.lines.length, 2);
  });
});

Deno.test("2026-07-28: a call without a response yet is cancelled too, and its id is free again", () =>
  withModern({
    "tools/call": (request) =>
      request.message.params.name === "hang" ? new Promise<never>(() => {}) : reply(request, {}),
  }, async ({ proxy, server }) => {
    await proxy.send(modernCall(1, "hang"));
    const { closed } = await server.requests.until(named("tools/call"));
    await proxy.send(notification("notifications/cancelled", { requestId: 1 }));
    await closed;
    await proxy.send(modernCall(1));
    assertEquals((await proxy.next()).message, result(1));
    assertEquals(proxy.lines.length, 1);
  }));

Deno.test("2026-07-28: a cancellation of an unknown request is not sent", () =>
  withModern({}, async ({ proxy, server }) => {
    await proxy.send(notification("notifications/cancelled", { requestId: "unknown" }));
    await proxy.send(modern(1, "tools/list"));
    await proxy.response(1);
    assertEquals(server.received("notifications/cancelled"), []);
  }));

Deno.test("2026-07-28: subscriptions stay open during calls until they are cancelled", async () => {
  const streams = { a: openBody(), b: openBody() };
  await withModern({
    "subscriptions/listen": ({ message }) => streams[message.id as "a" | "b"].response,
  }, async ({ proxy, server }) => {
    const said = (id: string, text: string) => notification("notifications/x", { id, text });
    for (const id of ["a", "b"] as const) {
      await proxy.send(modern(id, "subscriptions/listen"));
      await server.requests.until(({ message }) => message?.id === id);
      streams[id].send(event(said(id, "acknowledged")));
      assertEquals((await proxy.next()).message, said(id, "acknowledged"));
    }
    const calls = Array.from({ length: 300 }, (_, id) => modernCall(id));
    await proxy.send(calls.map((message) => JSON.stringify(message)).join("\n"));
    for (const { id } of calls) assertEquals((await proxy.response(id)).message, result(id));
    await proxy.send(notification("notifications/cancelled", { requestId: "a" }));
    const [a] = server.received("subscriptions/listen");
    await a.closed;
    streams.b.send(": keep-alive\n\n" + event(said("b", "changed")));
    assertEquals((await proxy.next()).message, said("b", "changed"));
    streams.b.send(event(result("b")));
    assertEquals((await proxy.next()).message, result("b"));
  });
});

Deno.test("2026-07-28: a stream that breaks is not resumed, and a call is not sent again", async () => {
  const body = openBody();
  await withModern({ "tools/call": () => body.response }, async ({ proxy, server }) => {
    await proxy.send(modernCall(1));
    await server.requests.until(named("tools/call"));
    body.send("retry: 1\nid: 1\ndata:\n\n");
    body.cut();
    const { error } = (await proxy.next()).message;
    assertEquals([error.data.reason, error.data.mayHaveRun], ["interrupted", true]);
    assertEquals([...server.requests].map(({ name }) => name), ["token", "tools/call"]);
  });
});

Deno.test("two eras in one process: each message follows its own era", () =>
  withProxy({}, async ({ proxy, server }) => {
    await Promise.all([proxy.send(call(1)), proxy.send(modernCall(2))]);
    await proxy.send(call(3));
    for (const id of [1, 2, 3]) assertEquals((await proxy.response(id)).message, result(id));
    const headers = new Map(server.received("tools/call").map((r) => [r.message.id, mirrored(r)]));
    const legacy = { "mcp-session-id": "session-1", "mcp-protocol-version": "2025-11-25" };
    assertEquals(headers.get(1), legacy);
    assertEquals(headers.get(3), legacy);
    assertEquals(headers.get(2), {
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": "echo",
    });
  }));

Deno.test("two eras in one process: cancellations are sent as each era defines them", () =>
  withProxy({ "tools/call": () => openBody().response }, async ({ proxy, server }) => {
    await proxy.send(call("old"));
    await proxy.send(modernCall("new"));
    for (const nth of [1, 2]) await server.requests.until(named("tools/call"), nth);
    for (const requestId of ["new", "old"]) {
      await proxy.send(notification("notifications/cancelled", { requestId }));
    }
    await server.requests.until(named("notifications/cancelled"));
    for (const { closed } of server.received("tools/call")) await closed;
    const told = server.received("notifications/cancelled");
    assertEquals(told.map(({ message }) => message.params.requestId), ["old"]);
  }));

// Parameters in headers.

const marked = (name: string) => ({ type: "string", "x-mcp-header": name });
const tool = (name: string, properties: unknown) => ({
  name,
  inputSchema: { type: "object", properties },
});

/** Pages of tools/list, by cursor. */
const pages = (tools: () => readonly unknown[]): Answer => (request) => {
  const all = tools();
  const page = Number(request.message.params.cursor ?? 0);
  const nextCursor = page + 1 < all.length ? String(page + 1) : undefined;
  return reply(request, { tools: [all[page]], nextCursor });
};

function parameters(request: ScriptedRequest) {
  const all = Object.entries(mirrored(request));
  return Object.fromEntries(all.filter(([name]) => name.startsWith("mcp-param-")));
}

Deno.test("2026-07-28: marked parameters are sent as headers, from all pages that the client listed", () => {
  const tools = [tool("a", { x: marked("X") }), tool("b", { y: marked("Y"), z: {} })];
  return withModern({ "tools/list": pages(() => tools) }, async ({ proxy, server }) => {
    for (const [id, cursor] of [[1, undefined], [2, "1"]] as const) {
      await proxy.send(modern(id, "tools/list", { cursor }));
      assertEquals((await proxy.next()).message.result.tools, [tools[id - 1]]);
    }
    await proxy.send(modernCall(3, "a", { x: "1", y: "no" }));
    await proxy.send(modernCall(4, "b", { y: "ü", z: "no" }));
    await proxy.send(modernCall(5, "b", { y: null }));
    for (const id of [3, 4, 5]) await proxy.response(id);
    const byId = server.received("tools/call").map((r) => [r.message.id, parameters(r)]);
    assertEquals(Object.fromEntries(byId), {
      3: { "mcp-param-x": "1" },
      4: { "mcp-param-y": "=?base64?w7w=?=" },
      5: {},
    });
  });
});

Deno.test("2026-07-28: a tool with an invalid mark is left out of the list, JSON or stream, with a warning", async () => {
  const good = '{"name":"good","inputSchema":{"type":"object"},"n":1.0}';
  const bad = JSON.stringify(tool("bad", { x: marked("not a token") }));
  const answers = [jsonText, (text: string) => sse(JSON.parse(text))];
  await withModern({
    "tools/list": ({ message: { id } }) =>
      answers.shift()!(`{"jsonrpc":"2.0","id":${id},"result":{"tools":[${bad},${good}]}}`),
  }, async ({ proxy }) => {
    await proxy.send(modern(1, "tools/list"));
    assertEquals(
      (await proxy.next()).text,
      `{"jsonrpc":"2.0","id":1,"result":{"tools":[${good}]}}`,
    );
    assertStringIncludes(await proxy.logged("left out"), "bad");
    await proxy.send(modern(2, "tools/list"));
    assertEquals((await proxy.next()).message.result.tools, [JSON.parse(good)]);
  });
});

Deno.test("the list of a legacy session is relayed unchanged, whatever its marks", () => {
  const tools = [tool("bad", { x: marked("not a token") })];
  return withProxy({ "tools/list": (request) => reply(request, { tools }) }, async ({ proxy }) => {
    await proxy.send({ jsonrpc: "2.0", id: 1, method: "tools/list" });
    assertEquals((await proxy.next()).message.result.tools, tools);
  });
});

/** A server that wants the header `X` to be what the argument `x` is. */
const strict: Answer = (request) => {
  const { id, params } = request.message;
  if (request.headers["mcp-param-x"] === params.arguments.x) return reply(request, {});
  const error = { code: -32020, message: "Header mismatch" };
  return Response.json({ jsonrpc: "2.0", id, error }, { status: 400 });
};

Deno.test("2026-07-28: after HeaderMismatch all pages of tools are listed, and the call is sent once more", () => {
  const tools = [tool("other", {}), tool("a", { x: marked("X") })];
  return withModern(
    { "tools/list": pages(() => tools), "tools/call": strict },
    async ({ proxy, server }) => {
      await proxy.send(modernCall("tools", "a", { x: "1" }));
      assertEquals((await proxy.next()).message, result("tools"));
      await proxy.send(modernCall(2, "a", { x: "2" }));
      assertEquals((await proxy.next()).message, result(2));
      assertEquals([...server.requests].map(({ name }) => name), [
        ...["token", "tools/call", "tools/list", "tools/list", "tools/call", "tools/call"],
      ]);
      const lists = server.received("tools/list").map(mirrored);
      assert(lists.every((headers) => headers["mcp-protocol-version"] === "2026-07-28"));
      assertEquals(proxy.lines.length, 2, "the look at the tools is not seen");
    },
  );
});

Deno.test("2026-07-28: listing the tools does not wait for the end of the stream after the list", () =>
  withModern({
    "tools/call": strict,
    "tools/list": ({ message: { id } }) => {
      const body = openBody();
      body.send(event(result(id, { tools: [tool("a", { x: marked("X") })] })));
      return body.response;
    },
  }, async ({ proxy }) => {
    await proxy.send(modernCall(1, "a", { x: "1" }));
    assertEquals((await proxy.next()).message, result(1));
  }));

Deno.test("2026-07-28: a HeaderMismatch that listing the tools does not solve is relayed", () => {
  let tools: unknown[] = [tool("a", {})];
  return withModern(
    { "tools/list": pages(() => tools), "tools/call": strict },
    async ({ proxy, server }) => {
      await proxy.send(modernCall(1, "a", { x: "1" }));
      assertEquals((await proxy.next()).message.error.code, -32020);
      assertEquals(server.received("tools/call").length, 1, "it would be the same request");
      tools = [tool("a", { y: marked("X") })];
      await proxy.send(modernCall(2, "a", { x: "1", y: "2" }));
      assertEquals((await proxy.next()).message.error.code, -32020);
      assertEquals(server.received("tools/call").length, 3, "one retry");
    },
  );
});

Deno.test("2026-07-28: if the tools cannot be listed, the HeaderMismatch is the answer", () =>
  withModern(
    { "tools/list": () => new Response("no", { status: 500 }), "tools/call": strict },
    async ({ proxy }) => {
      await proxy.send(modernCall(1, "a", { x: "1" }));
      assertEquals((await proxy.next()).message.error.code, -32020);
    },
  ));

Deno.test("2026-07-28: a notification that declares its revision follows it", () =>
  withProxy({ "notifications/x": accepted }, async (scripted) => {
    const { proxy, server } = scripted;
    await proxy.send(notification("notifications/x", modern(1, "x").params));
    const request = await server.requests.until(named("notifications/x"));
    assertEquals(mirrored(request), {
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "notifications/x",
    });
    await handshake(scripted);
  }));
