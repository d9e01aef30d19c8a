import { assert, assertEquals } from "@std/assert";
import { residentMegabytes } from "../parts/memory_of.ts";
import { startProxy } from "../parts/proxy.ts";
import { accepted, chunked, event, jsonText, openBody } from "../parts/scripted_answers.ts";
import { modern } from "../parts/modern_messages.ts";
import { call, initialize, notification, result, withProxy } from "../parts/scripted_proxy.ts";
import {
  type Answer,
  type Script,
  type ScriptedRequest,
  startScriptedServer,
} from "../parts/scripted_server.ts";

Deno.test("A server puts comments between the data lines of an endless event: the limit of a message holds", () =>
  withProxy({
    "tools/call": () => chunked(Array<string>(200).fill(`data: ${"x".repeat(500)}\n: comment\n`)),
  }, async ({ proxy }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message.error.data.reason, "too_large");
  }, { env: { MCP_MAX_MESSAGE_BYTES: "10000" } }));

Deno.test("A client sends thousands of responses at once: at most 256 are in flight", () => {
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

Deno.test("A server keeps sending after stdin was closed: the proxy ends within five seconds", () => {
  const stream = openBody();
  const timer = setInterval(() => stream.send(": still here\n\n"), 500);
  const answer: Answer = ({ closed }) => {
    closed.then(() => clearInterval(timer)); // Nothing can be sent any more.
    return stream.response;
  };
  return withProxy({ "tools/call": answer }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    await server.requests.until(({ name }) => name === "tools/call");
    await proxy.closeStdin();
    assertEquals((await proxy.status).code, 0);
    assertEquals((await proxy.response(1)).message.error.data.reason, "shutdown");
    assertEquals(server.received("notifications/cancelled").length, 1);
    assertEquals(server.received("DELETE").length, 1);
  }).finally(() => clearInterval(timer));
});

Deno.test("An HTTP+SSE server floods the client before it is ready: the stream ends after some megabytes", () => {
  const encoder = new TextEncoder();
  const flood = encoder.encode(
    event(notification("notifications/message", { data: "x".repeat(60_000) })),
  );
  let sent = 0;
  let isFlooding = false;
  let start = () => {};
  const streams: ReadableStreamDefaultController[] = [];
  return withProxy({
    initialize: () => new Response(null, { status: 405 }),
    GET() {
      const body = new ReadableStream({
        start(controller) {
          streams.push(controller);
          controller.enqueue(encoder.encode("event: endpoint\ndata: /messages\n\n"));
        },
        pull(controller) {
          if (!isFlooding) return new Promise<void>((resolve) => start = resolve);
          sent += flood.length;
          controller.enqueue(flood);
        },
      });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    },
    "/messages": ({ message }) => {
      const value = { protocolVersion: "2024-11-05", capabilities: {}, serverInfo: { name: "s" } };
      streams[0].enqueue(encoder.encode(event(result(message.id, value))));
      return accepted();
    },
  }, async ({ proxy, server }) => {
    await proxy.send(initialize("2024-11-05"));
    await proxy.response("initialize");
    // The client never sends `notifications/initialized`, so that nobody reads the flood.
    isFlooding = true;
    start();
    await server.received("GET")[0].closed;
    assert(sent < 64 << 20, `${sent} bytes`);
  }, { revision: null });
});

Deno.test("A server lists 200,000 invalid tools: the client gets none of them, and the log stays short", () => {
  const schema = '{"type":"object","properties":{"a":{"type":"string","x-mcp-header":"a b"}}}';
  const tools = Array.from(
    { length: 200_000 },
    (_, i) => `{"name":"t${i}","inputSchema":${schema}}`,
  );
  return withProxy({
    "tools/list": ({ message: { id } }) =>
      jsonText(`{"jsonrpc":"2.0","id":${id},"result":{"tools":[${tools.join(",")}]}}`),
  }, async ({ proxy }) => {
    for (const id of [1, 2]) {
      await proxy.send(modern(id, "tools/list"));
      assertEquals((await proxy.response(id)).message.result.tools, []);
    }
    await proxy.logged("More tools left out");
    assert(proxy.stderr.length < 50_000, `${proxy.stderr.length} characters`);
  }, { revision: null });
});

Deno.test("A server names other authorization servers with each answer: their metadata does not fill the memory", async () => {
  let number = 0;
  const padding = "x".repeat(1_000_000);
  const origin = ({ headers }: ScriptedRequest) => `http://${headers.host}`;
  // Any path is answered, since the names of the authorization servers are always new.
  const script: Script = new Proxy<Record<string, Answer>>({
    initialize: () =>
      new Response(null, { status: 401, headers: { "www-authenticate": "Bearer" } }),
    "/.well-known/oauth-protected-resource/mcp": (request) =>
      Response.json({
        resource: `${origin(request)}/mcp`,
        authorization_servers: Array.from(
          { length: 5 },
          () => `${origin(request)}/issuer-${++number}`,
        ),
      }),
    token: () => Response.json({ error: "access_denied" }, { status: 400 }),
  }, {
    get(script, name: string) {
      const [, issuer] = /^\/\.well-known\/oauth-authorization-server(\/.*)$/.exec(name) ?? [];
      if (issuer === undefined) return script[name];
      return (request: ScriptedRequest) =>
        Response.json({
          issuer: origin(request) + issuer,
          token_endpoint: `${origin(request)}/token`,
          grant_types_supported: ["authorization_code"],
          padding,
        });
    },
  });
  await using server = await startScriptedServer(script);
  const { MCP_AUTH_SERVER_URL: _, ...env } = server.env;
  await using proxy = startProxy({ env });
  const ask = async (id: number) => {
    await proxy.send({ ...initialize(), id });
    await proxy.response(id);
  };
  await ask(0);
  const before = residentMegabytes(proxy.pid);
  for (let id = 1; id <= 80; id++) await ask(id);
  const grown = residentMegabytes(proxy.pid) - before;
  assert(number >= 400, `${number} servers were named`);
  assert(grown < 250, `${grown} MB`);
});
