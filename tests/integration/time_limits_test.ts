import { assertEquals, assertStringIncludes } from "@std/assert";
import { accepted, event, openBody, reply } from "../parts/scripted_answers.ts";
import { modern } from "../parts/modern_messages.ts";
import { call, initialize, notification, result, withProxy } from "../parts/scripted_proxy.ts";
import type { Script } from "../parts/scripted_server.ts";

// MCP_REQUEST_TIMEOUT, MCP_IDLE_TIMEOUT and MCP_KEEP_ALIVE.

const REQUEST_TIMEOUT = { env: { MCP_REQUEST_TIMEOUT: "1s" } };

const callWithProgress = (id: number) => {
  const { params, ...message } = call(id);
  return { ...message, params: { ...params, _meta: { progressToken: `token-${id}` } } };
};

const progress = (id: number, progress: number) =>
  notification("notifications/progress", { progressToken: `token-${id}`, progress });

Deno.test("MCP_REQUEST_TIMEOUT: a call that takes too long is cancelled at the server, and its error says so", () => {
  const body = openBody();
  return withProxy({ "tools/call": () => body.response }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    const { error } = (await proxy.response(1)).message;
    assertStringIncludes(error.message, "did not answer in 1 s");
    assertStringIncludes(error.message, "MCP_REQUEST_TIMEOUT");
    assertEquals([error.code, error.data.reason, error.data.mayHaveRun], [-31010, "timeout", true]);
    const isCancelled = ({ name }: { name: string }) => name === "notifications/cancelled";
    const { message } = await server.requests.until(isCancelled);
    assertEquals(message.params.requestId, 1);
    await server.received("tools/call")[0].closed;
    await proxy.send({ jsonrpc: "2.0", id: 2, method: "ping" });
    assertEquals((await proxy.response(2)).message, result(2));
  }, REQUEST_TIMEOUT);
});

Deno.test("MCP_REQUEST_TIMEOUT: a server that never accepts `initialized` does not keep later calls longer than that", () =>
  withProxy({
    "notifications/initialized": () => new Promise<Response>(() => {}),
  }, async ({ proxy }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message, result(1));
  }, { ...REQUEST_TIMEOUT, timeoutMs: 20_000 }));

Deno.test("MCP_REQUEST_TIMEOUT: progress starts the time again", () => {
  const body = openBody();
  return withProxy({ "tools/call": () => body.response }, async ({ proxy, server }) => {
    await proxy.send(callWithProgress(1));
    await server.requests.until(({ name }) => name === "tools/call");
    for (let step = 1; step <= 4; step++) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      body.send(event(progress(1, step)));
      await proxy.next(({ message }) => message.params?.progress === step);
    }
    body.send(event(result(1, { n: 1 })));
    assertEquals((await proxy.response(1)).message, result(1, { n: 1 }));
  }, REQUEST_TIMEOUT);
});

Deno.test("MCP_REQUEST_TIMEOUT: progress on the stream of server messages starts the time again", () => {
  const body = openBody();
  const stream = openBody();
  return withProxy({
    "tools/call": () => body.response,
    GET: () => stream.response,
  }, async ({ proxy, server }) => {
    await proxy.send(callWithProgress(1));
    await server.requests.until(({ name }) => name === "GET");
    for (let step = 1; step <= 4; step++) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      stream.send(event(progress(1, step)));
      await proxy.next(({ message }) => message.params?.progress === step);
    }
    body.send(event(result(1, { n: 1 })));
    assertEquals((await proxy.response(1)).message, result(1, { n: 1 }));
  }, REQUEST_TIMEOUT);
});

Deno.test("MCP_REQUEST_TIMEOUT: a call of 2026-07-28 is cancelled by the end of its stream", () => {
  const body = openBody();
  return withProxy({ "tools/call": () => body.response }, async ({ proxy, server }) => {
    await proxy.send(modern(1, "tools/call", { name: "a", arguments: {} }));
    const { error } = (await proxy.response(1)).message;
    assertEquals(error.data.reason, "timeout");
    await server.received("tools/call")[0].closed;
    assertEquals(server.received("notifications/cancelled"), []);
  }, { ...REQUEST_TIMEOUT, revision: null });
});

Deno.test("MCP_REQUEST_TIMEOUT: a subscription is not limited", () => {
  const body = openBody();
  return withProxy({ "subscriptions/listen": () => body.response }, async ({ proxy, server }) => {
    await proxy.send(modern(1, "subscriptions/listen", { notifications: {} }));
    await server.requests.until(({ name }) => name === "subscriptions/listen");
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    body.send(event(notification("notifications/tools/list_changed")));
    assertEquals((await proxy.next()).message.method, "notifications/tools/list_changed");
  }, { ...REQUEST_TIMEOUT, revision: null });
});

Deno.test("without MCP_REQUEST_TIMEOUT, a call may take as long as it likes", () => {
  const body = openBody();
  return withProxy({ "tools/call": () => body.response }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    await server.requests.until(({ name }) => name === "tools/call");
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    body.send(event(result(1)));
    assertEquals((await proxy.response(1)).message, result(1));
  });
});

Deno.test("MCP_IDLE_TIMEOUT: a stream of server messages that is silent is opened again", () => {
  const streams: ReturnType<typeof openBody>[] = [];
  return withProxy({
    GET: () => {
      const stream = openBody();
      streams.push(stream);
      stream.send("retry: 10\n: hello\n\n");
      return stream.response;
    },
  }, async ({ proxy, server }) => {
    await server.requests.until(({ name }) => name === "GET", 2);
    await server.received("GET")[0].closed;
    streams[1].send(event(notification("notifications/tools/list_changed")));
    assertEquals((await proxy.next()).message.method, "notifications/tools/list_changed");
  }, { env: { MCP_IDLE_TIMEOUT: "500ms" } });
});

Deno.test("MCP_IDLE_TIMEOUT: comments keep a stream of server messages open", () => {
  const stream = openBody();
  const timer = setInterval(() => stream.send(": ping\n\n"), 200);
  return withProxy({ GET: () => stream.response }, async ({ server }) => {
    await server.requests.until(({ name }) => name === "GET");
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    clearInterval(timer); // Before the proxy closes the stream.
    assertEquals(server.received("GET").length, 1);
  }, { env: { MCP_IDLE_TIMEOUT: "1s" } }).finally(() => clearInterval(timer));
});

/** An HTTP+SSE server whose streams say nothing by themselves. */
function httpSse() {
  let stream = openBody();
  const script: Script = {
    initialize: () => new Response(null, { status: 405 }),
    GET() {
      stream = openBody();
      stream.send("event: endpoint\ndata: /messages\n\n");
      return stream.response;
    },
    "/messages": (request) => {
      const { method, id } = request.message;
      const value = method === "initialize"
        ? {
          protocolVersion: "2024-11-05",
          capabilities: {},
          serverInfo: { name: "s", version: "1" },
        }
        : {};
      if (id !== undefined && method !== "tools/call") stream.send(event(result(id, value)));
      return accepted();
    },
  };
  return { script, send: (message: unknown) => stream.send(event(message)) };
}

Deno.test("MCP_IDLE_TIMEOUT: a silent HTTP+SSE stream is opened again, but not while a call waits", () => {
  const { script, send } = httpSse();
  return withProxy(script, async ({ proxy, server }) => {
    await proxy.send(initialize("2024-11-05"));
    await proxy.response("initialize");
    await proxy.send(notification("notifications/initialized"));
    await proxy.send(call(1));
    await server.requests.until(({ message }) => message?.method === "tools/call");
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    assertEquals(server.received("GET").length, 1);
    send(result(1, { n: 1 }));
    assertEquals((await proxy.response(1)).message, result(1, { n: 1 }));
    await server.requests.until(({ name }) => name === "GET", 2);
    await proxy.send({ jsonrpc: "2.0", id: 2, method: "ping" });
    assertEquals((await proxy.response(2)).message, result(2));
  }, { revision: null, env: { MCP_IDLE_TIMEOUT: "500ms" } });
});

Deno.test("MCP_IDLE_TIMEOUT: a silent subscription of 2026-07-28 ends with an error", () => {
  const body = openBody();
  return withProxy({ "subscriptions/listen": () => body.response }, async ({ proxy }) => {
    await proxy.send(modern(1, "subscriptions/listen", { notifications: {} }));
    const { error } = (await proxy.response(1)).message;
    assertStringIncludes(error.message, "MCP_IDLE_TIMEOUT");
    assertEquals(error.data.reason, "interrupted");
  }, { revision: null, env: { MCP_IDLE_TIMEOUT: "500ms" } });
});

Deno.test("MCP_KEEP_ALIVE: a session that is not used is kept with pings that the client does not see", () =>
  withProxy({}, async ({ proxy, server }) => {
    const { headers } = await server.requests.until(({ name }) => name === "ping", 3);
    assertEquals(headers["mcp-session-id"], "session-1");
    await proxy.send({ jsonrpc: "2.0", id: 1, method: "tools/list" });
    assertEquals((await proxy.response(1)).message, result(1));
    assertEquals(proxy.lines.map(({ message }) => message.id), ["initialize", 1]);
  }, { env: { MCP_KEEP_ALIVE: "300ms" } }));

Deno.test("MCP_KEEP_ALIVE: a ping that fails is not reported, and a lost session is started again", () => {
  let pings = 0;
  return withProxy({
    ping: (request) => pings++ === 0 ? new Response(null, { status: 404 }) : reply(request, {}),
  }, async ({ proxy, server }) => {
    await server.requests.until(({ name }) => name === "ping", 3);
    assertEquals(server.received("initialize").length, 2);
    assertEquals(proxy.lines.length, 1);
  }, { env: { MCP_KEEP_ALIVE: "300ms" } });
});

Deno.test("MCP_KEEP_ALIVE: HTTP+SSE sessions are kept as well", () =>
  withProxy(httpSse().script, async ({ proxy, server }) => {
    await proxy.send(initialize("2024-11-05"));
    await proxy.response("initialize");
    await proxy.send(notification("notifications/initialized"));
    await server.requests.until(({ message }) => message?.method === "ping", 2);
    assertEquals(proxy.lines.length, 1);
  }, { revision: null, env: { MCP_KEEP_ALIVE: "300ms" } }));

Deno.test("MCP_KEEP_ALIVE: without a session, as in 2026-07-28, and without the setting, nothing is sent", async () => {
  const ping = modern(1, "tools/list", {});
  await withProxy({}, async ({ proxy, server }) => {
    await proxy.send(ping);
    await proxy.response(1);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    assertEquals(server.received("ping"), []);
  }, { revision: null, env: { MCP_KEEP_ALIVE: "200ms" } });
  await withProxy({}, async ({ server }) => {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    assertEquals(server.received("ping"), []);
  });
});
