import { assert, assertEquals } from "@std/assert";
import type { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { startAuthorizationServer } from "../parts/authorization_server.ts";
import {
  type McpServerOptions,
  type RunningMcpServer,
  startMcpServer,
} from "../parts/mcp_server.ts";
import { startHttpSseServer } from "../parts/http_sse_server.ts";
import { callTool, connectOfficialClient } from "../parts/official_client.ts";
import { proxyCommand, proxyEnvironment } from "../parts/proxy_command.ts";

// A client and a server of different eras, both from the official SDK.

const CLIENT_MODES = { legacy: "legacy", modern: { pin: "2026-07-28" } } as const;

async function withPair(
  client: keyof typeof CLIENT_MODES,
  options: Pick<McpServerOptions, "era" | "answers" | "sessions">,
  test: (client: Client, server: RunningMcpServer, log: () => string) => Promise<void>,
) {
  await using authorizationServer = await startAuthorizationServer();
  await using server = await startMcpServer({ authorizationServer, ...options });
  const { clientId, clientSecret } = authorizationServer.clients.client_secret_post;
  const [command, ...args] = proxyCommand();
  const env = proxyEnvironment({
    MCP_CLIENT_ID: clientId,
    MCP_CLIENT_SECRET: clientSecret,
    MCP_SERVER_URL: server.url,
    MCP_AUTH_SERVER_URL: authorizationServer.tokenEndpoint,
    MCP_AUTH_METHOD: "client_secret_post",
    MCP_SCOPE: "mcp:tools",
  });
  const transport = new StdioClientTransport({ command, args, env, stderr: "pipe" });
  let log = "";
  transport.stderr!.on("data", (chunk) => log += chunk);
  try {
    const connected = await connectOfficialClient(transport, {
      versionNegotiation: { mode: CLIENT_MODES[client] },
    });
    await test(connected, server, () => log).finally(() => connected.close());
  } catch (error) {
    throw new Error(`The proxy logged:\n${log}`, { cause: error });
  }
}

const PAIRS = [
  { client: "legacy", era: "modern" },
  { client: "modern", era: "legacy" },
] as const;

for (const { client: mode, era } of PAIRS) {
  for (const answers of ["json", "sse"] as const) {
    const pair = `${mode} client, ${era} server, answers in ${answers}`;

    Deno.test(`${pair}: tools, questions, resources and prompts`, () =>
      withPair(mode, { era, answers }, async (client, server, log) => {
        const { tools } = await client.listTools();
        assert(tools.some(({ name }) => name === "echo"));
        assertEquals(await callTool(client, "echo", { text: "Grüße" }), "Grüße");
        const { contents } = await client.readResource({ uri: "note://welcome" });
        assertEquals(contents[0].uri, "note://welcome");
        const { messages } = await client.getPrompt({ name: "greet", arguments: { name: "Ada" } });
        assertEquals(messages[0].content, { type: "text", text: "Greet Ada" });
        // A legacy server that answers in JSON has no way to ask during a call.
        if (era === "modern" || answers === "sse") {
          assertEquals(await callTool(client, "ask_name"), "Hello, Ada");
          assertEquals(await callTool(client, "ask_name"), "Hello, Ada");
          assertEquals(await callTool(client, "summarize", { text: "many" }), "In short: words");
        }
        assertEquals(server.calls.count(({ stage }) => stage === "failed"), 0);
        assert(log().includes("the proxy bridges between them"), log());
      }));
  }

  const pair = `${mode} client, ${era} server`;

  Deno.test(`${pair}: progress reaches the client before the result`, () =>
    withPair(mode, { era }, async (client, server) => {
      const progress: number[] = [];
      const result = await callTool(client, "countdown", { from: 3, hold: true }, {
        onprogress(report) {
          progress.push(report.progress);
          if (report.progress === 3) server.release();
        },
      });
      assertEquals([...progress, result], [1, 2, 3, "Liftoff"]);
    }));

  Deno.test(`${pair}: a cancelled call is cancelled at the server, and runs once`, () =>
    withPair(mode, { era }, async (client, server) => {
      const abort = new AbortController();
      const slow = callTool(client, "slow", {}, { signal: abort.signal }).catch(() => "given up");
      await server.calls.until(({ stage }) => stage === "started");
      abort.abort();
      assertEquals(await slow, "given up");
      await server.calls.until(({ stage }) => stage === "cancelled");
      assertEquals(server.calls.count(({ stage }) => stage === "started"), 1);
      assertEquals(await callTool(client, "echo", { text: "next" }), "next");
    }));
}

Deno.test("legacy client, modern server: changes of the tools reach the client", () =>
  withPair("legacy", { era: "modern" }, async (client, server) => {
    const changed = Promise.withResolvers<void>();
    client.setNotificationHandler("notifications/tools/list_changed", () => changed.resolve());
    await client.listTools();
    await server.requests.until(({ headers }) => headers["mcp-method"] === "subscriptions/listen");
    server.announceTools();
    await changed.promise;
  }));

Deno.test("modern client, legacy server: changes of the tools reach the client's subscription", () =>
  withPair("modern", { era: "legacy" }, async (client, server) => {
    const changed = Promise.withResolvers<void>();
    client.setNotificationHandler("notifications/tools/list_changed", () => changed.resolve());
    const subscription = await client.listen({ toolsListChanged: true });
    // The SDK tries the connection with one process and works with another: which of them the first
    // GET belongs to is not known, so the server announces until somebody hears it.
    const announcing = setInterval(server.announceTools, 50);
    await changed.promise.finally(() => clearInterval(announcing));
    await subscription.close();
    assertEquals(await callTool(client, "echo", { text: "after" }), "after");
  }));

Deno.test("modern client, legacy server: a lost session is started again, and the client does not notice", () =>
  withPair("modern", { era: "legacy" }, async (client, server) => {
    assertEquals(await callTool(client, "echo", { text: "one" }), "one");
    await server.forgetSessions();
    assertEquals(await callTool(client, "echo", { text: "two" }), "two");
  }));

Deno.test("modern client, legacy server without sessions", () =>
  withPair("modern", { era: "legacy", sessions: false }, async (client) => {
    assertEquals(await callTool(client, "echo", { text: "one" }), "one");
  }));

Deno.test("modern client, HTTP+SSE server: tools and questions", async () => {
  await using authorizationServer = await startAuthorizationServer();
  await using server = await startHttpSseServer(authorizationServer);
  const { clientId, clientSecret } = authorizationServer.clients.client_secret_post;
  const [command, ...args] = proxyCommand();
  const env = proxyEnvironment({
    MCP_CLIENT_ID: clientId,
    MCP_CLIENT_SECRET: clientSecret,
    MCP_SERVER_URL: server.url,
    MCP_AUTH_SERVER_URL: authorizationServer.tokenEndpoint,
    MCP_AUTH_METHOD: "client_secret_post",
  });
  const transport = new StdioClientTransport({ command, args, env, stderr: "pipe" });
  const client = await connectOfficialClient(transport, {
    versionNegotiation: { mode: CLIENT_MODES.modern },
  });
  try {
    assertEquals(await callTool(client, "echo", { text: "Grüße" }), "Grüße");
    assertEquals(await callTool(client, "ask_name"), "Hello, Ada");
  } finally {
    await client.close();
  }
});
