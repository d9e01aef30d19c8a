import { assert, assertEquals } from "@std/assert";
import { event, initializeResult, openBody, reply } from "../parts/scripted_answers.ts";
import { call, result, withProxy } from "../parts/scripted_proxy.ts";

/** A text as its UTF-8 bytes, one character each, as `node:http` shows headers. */
const bytes = (text: string) => String.fromCharCode(...new TextEncoder().encode(text));

Deno.test("MCP_HEADERS and a session ID have bytes that are not ASCII: POST, GET and DELETE send the same bytes", () => {
  const session = "s\xe9\xff";
  return withProxy({
    initialize: (request) =>
      reply(request, initializeResult(request), { headers: { "mcp-session-id": session } }),
    GET: () => openBody().response,
    response: () => new Response(null, { status: 202 }),
  }, async ({ proxy, server }) => {
    await proxy.send(call(1, "é"));
    await proxy.response(1);
    await server.requests.until(({ name }) => name === "GET");
    await proxy.closeStdin();
    await proxy.status;
    const sent = [...server.requests].filter(({ name }) => name !== "token");
    const names = new Set(sent.map(({ headers }) => headers["x-name"]));
    const sessions = sent.slice(1).map(({ headers }) => headers["mcp-session-id"]);
    assertEquals(names, new Set([bytes("Grüße €")]));
    // The test's own server encodes it in UTF-8 on Deno.
    assert([session, bytes(session)].includes(sessions[0] ?? ""), sessions[0]);
    assertEquals(new Set(sessions).size, 1);
    assertEquals(server.received("DELETE").length, 1);
    assertEquals(server.received("tools/call")[0].message, call(1, "é"));
  }, { env: { MCP_HEADERS: "X-Name: Grüße €" } });
});

Deno.test("An event ID has control characters: the stream is opened again without Last-Event-ID", () => {
  const streams = [
    () => {
      const body = openBody();
      body.send("retry: 1\nid: a\u0001b\ndata: {}\n\n");
      body.end();
      return body.response;
    },
    () => openBody().response,
  ];
  return withProxy({ GET: () => streams.shift()!() }, async ({ server }) => {
    const [, second] = await server.requests.until(({ name }) => name === "GET", 2).then(() =>
      server.received("GET")
    );
    assertEquals(second.headers["last-event-id"], undefined);
  });
});

Deno.test("An event ID is not ASCII: the stream is resumed with its UTF-8 bytes", () => {
  const body = openBody();
  body.send("retry: 1\n" + event({ jsonrpc: "2.0", method: "notifications/progress" }, "é€"));
  body.end();
  const resumed = openBody();
  resumed.send(event(result(1)));
  return withProxy({
    "tools/call": () => body.response,
    GET: ({ headers }) =>
      headers["last-event-id"] ? resumed.response : new Response(null, { status: 405 }),
  }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message, result(1));
    const ids = server.received("GET").map(({ headers }) => headers["last-event-id"]);
    assertEquals(ids.filter((id) => id !== undefined), [bytes("é€")]);
  });
});

Deno.test("A client or a server names a revision with control characters: the request is sent and answered", () =>
  withProxy({
    initialize: (request) => reply(request, initializeResult(request, "2025-11-25\u0001\n")),
  }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message, result(1));
    const { params, ...modern } = call(2);
    const _meta = { "io.modelcontextprotocol/protocolVersion": "2026\r\nX-Injected: 1" };
    await proxy.send({ ...modern, params: { ...params, _meta } });
    const { message } = await proxy.response(2);
    assert(message.error?.data?.reason !== "internal", JSON.stringify(message));
    const injected = [...server.requests].filter(({ headers }) => headers["x-injected"]);
    assertEquals(injected, []);
    assert(!proxy.stderr.includes("Internal error"), proxy.stderr);
  }));
