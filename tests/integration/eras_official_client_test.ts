import { assert, assertEquals } from "@std/assert";
import type { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { startAuthorizationServer } from "../parts/authorization_server.ts";
import { type RunningMcpServer, startMcpServer } from "../parts/mcp_server.ts";
import { callTool, connectOfficialClient } from "../parts/official_client.ts";
import { proxyCommand, proxyEnvironment } from "../parts/proxy_command.ts";

// Revision 2026-07-28 with the official client on one end and the official server on the other.

async function withClient(
  era: "modern" | "both",
  test: (client: Client, server: RunningMcpServer) => Promise<void>,
  mode: "auto" | "legacy" = "auto",
) {
  await using authorizationServer = await startAuthorizationServer();
  await using server = await startMcpServer({ authorizationServer, era });
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
    const client = await connectOfficialClient(transport, { versionNegotiation: { mode } });
    await test(client, server).finally(() => client.close());
  } catch (error) {
    throw new Error(`The proxy logged:\n${log}`, { cause: error });
  }
}

for (const era of ["modern", "both"] as const) {
  Deno.test(`2026-07-28, server of ${era}: tools, questions, resources and prompts, without a session`, async () => {
    await withClient(era, async (client, server) => {
      assertEquals(client.getNegotiatedProtocolVersion(), "2026-07-28");
      const { tools } = await client.listTools();
      assert(tools.some(({ name }) => name === "echo"));
      assertEquals(await callTool(client, "echo", { text: "Grüße" }), "Grüße");
      assertEquals(await callTool(client, "ask_name"), "Hello, Ada");
      assertEquals(await callTool(client, "summarize", { text: "many" }), "In short: words");
      const { contents } = await client.readResource({ uri: "note://welcome" });
      assertEquals(contents[0].uri, "note://welcome");
      const { messages } = await client.getPrompt({ name: "greet", arguments: { name: "Ada" } });
      assertEquals(messages[0].content, { type: "text", text: "Greet Ada" });
      const progress: number[] = [];
      const result = await callTool(client, "countdown", { from: 3, hold: true }, {
        onprogress(report) {
          progress.push(report.progress);
          if (report.progress === 3) server.release();
        },
      });
      assertEquals([...progress, result], [1, 2, 3, "Liftoff"]);
      const seen = [...server.requests].filter(({ path }) => path === "/mcp");
      assert(seen.every(({ method }) => method === "POST"), "no GET and no DELETE");
      assert(seen.every(({ headers }) => headers["mcp-session-id"] === undefined));
      assert(seen.every(({ headers }) => headers["mcp-protocol-version"] === "2026-07-28"));
    });
  });
}

Deno.test("2026-07-28: a cancelled call is cancelled on the server by the end of its stream", () =>
  withClient("modern", async (client, server) => {
    const abort = new AbortController();
    const slow = callTool(client, "slow", {}, { signal: abort.signal }).catch(() => "given up");
    await server.calls.until(({ stage }) => stage === "started");
    const posts = server.requests.count();
    abort.abort();
    assertEquals(await slow, "given up");
    await server.calls.until(({ stage }) => stage === "cancelled");
    assertEquals(await callTool(client, "echo", { text: "next" }), "next");
    // Requests are recorded as their responses begin: the slow call's may be the one in between.
    assert(server.requests.count() <= posts + 2, "the cancellation is not POSTed");
  }));

Deno.test("2026-07-28: a subscription stays open during calls until the client closes it", () =>
  withClient("modern", async (client, server) => {
    const announced: (() => void)[] = [];
    client.setNotificationHandler("notifications/tools/list_changed", () => announced.shift()?.());
    const subscription = await client.listen({ toolsListChanged: true });
    for (const text of ["one", "two"]) {
      const next = new Promise<void>((resolve) => announced.push(resolve));
      server.announceTools();
      await next;
      assertEquals(await callTool(client, "echo", { text }), text);
    }
    await subscription.close();
    assertEquals(await subscription.closed, "local");
    assertEquals(await callTool(client, "echo", { text: "three" }), "three");
  }));

Deno.test("2026-07-28: a subscription that the server ends is ended for the client", () =>
  withClient("modern", async (client, server) => {
    const subscription = await client.listen({ toolsListChanged: true });
    await server.close();
    assert(["graceful", "remote"].includes(await subscription.closed));
  }));

Deno.test("a client of the handshake's era reaches a server of both", () =>
  withClient("both", async (client, server) => {
    assertEquals(await callTool(client, "ask_name"), "Hello, Ada");
    assert(server.requests.count(({ headers }) => headers["mcp-session-id"] !== undefined) > 0);
  }, "legacy"));
