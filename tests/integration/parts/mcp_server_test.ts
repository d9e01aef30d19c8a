import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from "../../parts/authorization_server.ts";
import { type RunningMcpServer, startMcpServer } from "../../parts/mcp_server.ts";
import { callTool, connectOfficialClient } from "../../parts/official_client.ts";
import { requestToken } from "../../parts/request_token.ts";

// The real parts, driven without the proxy: when these pass and a test of the proxy does not, it is
// the proxy.

function authorized(token: string, url: string) {
  return new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
}

Deno.test("the MCP server refers a client without a token to the authorization server", async () => {
  await using authorizationServer = await startAuthorizationServer();
  await using server = await startMcpServer({ authorizationServer });
  const response = await fetch(server.url, { method: "POST" });
  await response.body?.cancel();
  assertEquals(response.status, 401);
  const challenge = response.headers.get("www-authenticate")!;
  assertMatch(challenge, /^Bearer /);
  const [, metadataUrl] = challenge.match(/resource_metadata="([^"]+)"/)!;
  const metadata = await (await fetch(metadataUrl)).json();
  assertStringIncludes(metadataUrl, "/.well-known/oauth-protected-resource/mcp");
  assertEquals(metadata.resource, server.url);
  assertEquals(metadata.authorization_servers, [authorizationServer.issuer]);
});

Deno.test("the MCP server refuses tokens for another resource, revoked ones, and too few scopes", async () => {
  await using authorizationServer = await startAuthorizationServer();
  await using server = await startMcpServer({ authorizationServer, requiredScopes: ["mcp:tools"] });
  await using other = await startMcpServer({ authorizationServer });
  const post = async (url: string, token: string) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
    });
    await response.body?.cancel();
    return response.status;
  };
  const scoped = { resource: server.url, scope: "mcp:tools" };
  const { access_token: good } = await requestToken(authorizationServer, "none", scoped);
  const { access_token: bare } = await requestToken(authorizationServer, "none");
  assertEquals(await post(other.url, good), 401);
  assertEquals(await post(server.url, bare), 403);
  assertEquals(await post(server.url, good), 406, "past the gate, and then no MCP request");
  server.revokeTokens();
  assertEquals(await post(server.url, good), 401);
});

/** Every shape of the server that can serve all of MCP, and how the client has to speak to it. */
const shapes: Record<string, [Parameters<typeof start>[1], { mode: "legacy" | "auto" }]> = {
  "SSE answers and sessions": [{}, { mode: "legacy" }],
  "the modern era": [{ era: "modern" }, { mode: "auto" }],
  "both eras, to a modern client": [{ era: "both" }, { mode: "auto" }],
  "both eras, to a legacy client": [{ era: "both" }, { mode: "legacy" }],
};

type Shape = Omit<Parameters<typeof startMcpServer>[0], "authorizationServer">;

async function start(authorizationServer: AuthorizationServer, shape: Shape) {
  const server = await startMcpServer({ authorizationServer, ...shape });
  const { access_token } = await requestToken(authorizationServer, "none", { scope: "mcp:tools" });
  return { server, transport: authorized(access_token, server.url) };
}

for (const [name, [shape, versionNegotiation]] of Object.entries(shapes)) {
  Deno.test(`the MCP server serves the official client: ${name}`, async () => {
    await using authorizationServer = await startAuthorizationServer();
    const { server, transport } = await start(authorizationServer, shape);
    await using _stop = server;
    const client = await connectOfficialClient(transport, { versionNegotiation });
    const progress: number[] = [];
    assertEquals(await callTool(client, "echo", { text: "Grüße" }), "Grüße");
    // The client forgets its handler with the answer, which is held until the last report is in.
    const liftoff = await callTool(client, "countdown", { from: 3, hold: true }, {
      onprogress(report) {
        progress.push(report.progress);
        if (report.progress === 3) server.release();
      },
    });
    assertEquals(liftoff, "Liftoff");
    assertEquals(progress, [1, 2, 3]);
    assertEquals(await callTool(client, "ask_name"), "Hello, Ada");
    assertEquals(await callTool(client, "summarize", { text: "many words" }), "In short: words");
    await client.close();
  });
}

for (const answers of ["json", "sse"] as const) {
  for (const sessions of [true, false]) {
    Deno.test(`the MCP server answers in ${answers} ${sessions ? "with" : "without"} sessions`, async () => {
      await using authorizationServer = await startAuthorizationServer();
      const { server, transport } = await start(authorizationServer, { answers, sessions });
      await using _stop = server;
      const client = await connectOfficialClient(transport);
      assertEquals(await callTool(client, "add", { a: 2, b: 40 }), "42");
      assertEquals(transport.sessionId !== undefined, sessions);
      await client.close();
    });
  }
}

async function withClient(
  shape: Shape,
  test: (
    server: RunningMcpServer,
    client: Awaited<ReturnType<typeof connectOfficialClient>>,
  ) => Promise<void>,
) {
  await using authorizationServer = await startAuthorizationServer();
  const { server, transport } = await start(authorizationServer, shape);
  await using _stop = server;
  const mode = shape.era === "modern" ? "auto" : "legacy";
  const client = await connectOfficialClient(transport, { versionNegotiation: { mode } });
  try {
    await test(server, client);
  } finally {
    await client.close();
  }
}

Deno.test("a resumable stream that is cut is picked up again", () =>
  withClient({ resumable: true, retryMs: 10 }, async (server, client) => {
    assertEquals(await callTool(client, "interrupted"), "resumed");
    await server.requests.until(({ headers }) => headers["last-event-id"] !== undefined);
  }));

Deno.test("a slow call ends when it is released", () =>
  withClient({}, async (server, client) => {
    const slow = callTool(client, "slow");
    await server.calls.until(({ tool, stage }) => tool === "slow" && stage === "started");
    assertEquals(await callTool(client, "echo", { text: "meanwhile" }), "meanwhile");
    server.release();
    assertEquals(await slow, "done");
  }));

for (const era of ["legacy", "modern"] as const) {
  Deno.test(`a slow call that is cancelled is seen to be: ${era} era`, () =>
    withClient({ era }, async (server, client) => {
      const abort = new AbortController();
      const slow = callTool(client, "slow", {}, { signal: abort.signal }).catch(() => "gone");
      await server.calls.until(({ stage }) => stage === "started");
      abort.abort();
      assertEquals(await slow, "gone");
      await server.calls.until(({ stage }) => stage === "cancelled");
    }));
}

Deno.test("a change of tools is announced on the GET stream", () =>
  withClient({}, async (server, client) => {
    const announced = Promise.withResolvers<void>();
    client.setNotificationHandler("notifications/tools/list_changed", () => announced.resolve());
    await server.requests.until(({ method, status }) => method === "GET" && status === 200);
    server.announceTools();
    await announced.promise;
  }));

Deno.test("a request of a forgotten session gets a 404", () =>
  withClient({}, async (server, client) => {
    await server.forgetSessions();
    await callTool(client, "echo", { text: "" }).catch(() => {});
    await server.requests.until(({ method, status }) => method === "POST" && status === 404);
  }));
