import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { startAuthorizationServer } from "../parts/authorization_server.ts";
import {
  type McpServerOptions,
  type RunningMcpServer,
  startMcpServer,
} from "../parts/mcp_server.ts";
import { callTool, connectOfficialClient } from "../parts/official_client.ts";
import { proxyCommand, proxyEnvironment } from "../parts/proxy_command.ts";

/** The official client, the proxy between stdio pipes, the official server behind oidc-provider. */
async function withClient(
  test: (client: Client, server: RunningMcpServer) => Promise<void>,
  shape: Omit<McpServerOptions, "authorizationServer"> = {},
  authMethod: "client_secret_post" | "client_secret_basic" = "client_secret_post",
) {
  await using authorizationServer = await startAuthorizationServer();
  await using server = await startMcpServer({ authorizationServer, ...shape });
  const { clientId, clientSecret } = authorizationServer.clients[authMethod];
  const [command, ...args] = proxyCommand();
  const transport = new StdioClientTransport({
    command,
    args,
    env: proxyEnvironment({
      MCP_CLIENT_ID: clientId,
      MCP_CLIENT_SECRET: clientSecret,
      MCP_SERVER_URL: server.url,
      MCP_AUTH_SERVER_URL: authorizationServer.tokenEndpoint,
      MCP_AUTH_METHOD: authMethod,
      MCP_SCOPE: "mcp:tools",
    }),
    stderr: "pipe",
  });
  let log = "";
  transport.stderr!.on("data", (chunk) => log += chunk);
  try {
    const client = await connectOfficialClient(transport);
    try {
      await test(client, server);
    } finally {
      await client.close();
    }
  } catch (error) {
    throw new Error(`The proxy logged:\n${log}`, { cause: error });
  }
  assertEquals(authorizationServer.tokenRequests.count(), 1);
}
Deno.test("the official client lists the tools and calls one", () =>
  withClient(async (client) => {
    const { tools } = await client.listTools();
    const names = tools.map(({ name }) => name);
    for (const name of ["echo", "add", "countdown", "ask_name", "summarize", "slow"]) {
      assertStringIncludes(names.join(" "), name);
    }
    assertEquals(await callTool(client, "add", { a: 2, b: 40 }), "42");
    assertEquals(
      await callTool(client, "echo", { text: "Grüße, 世界 🎉\u2028" }),
      "Grüße, 世界 🎉\u2028",
    );
  }));

for (
  const [method, clientId] of [
    ["client_secret_post", "post&client=1"],
    ["client_secret_basic", "basic:client +1%"],
  ] as const
) {
  Deno.test(`an id and a secret of awkward characters arrive intact by ${method}`, () =>
    withClient(
      async (client) =>
        assertEquals(JSON.parse(await callTool(client, "whoami")), {
          clientId,
          scopes: ["mcp:tools"],
        }),
      {},
      method,
    ));
}

Deno.test("progress reaches the official client while the tool still runs, in order", () =>
  withClient(async (client, server) => {
    const seen: string[] = [];
    // The client forgets its progress handler when the response is in the same read as the progress,
    // so the answer is held until the last report is in.
    const result = await callTool(client, "countdown", { from: 3, hold: true }, {
      onprogress({ progress, total, message }) {
        seen.push(`${progress}/${total} ${message}`);
        if (progress === total) server.release();
      },
    });
    assertEquals([...seen, result], ["1/3 T-2", "2/3 T-1", "3/3 T-0", "Liftoff"]);
  }));

Deno.test("a tool can ask the user through the official client (elicitation)", () =>
  withClient(async (client) => {
    assertEquals(await callTool(client, "ask_name"), "Hello, Ada");
  }));

Deno.test("a tool can ask the model of the official client (sampling)", () =>
  withClient(async (client) => {
    assertEquals(await callTool(client, "summarize", { text: "many words" }), "In short: words");
  }));

Deno.test("the official client reads a resource", () =>
  withClient(async (client) => {
    const { resources } = await client.listResources();
    assertEquals(resources.map(({ uri }) => uri), ["note://welcome", "note://clock"]);
    const { contents } = await client.readResource({ uri: "note://welcome" });
    assertEquals(contents, [{ uri: "note://welcome", mimeType: "text/plain", text: "Welcome" }]);
  }));

Deno.test("the official client gets a prompt", () =>
  withClient(async (client) => {
    const { prompts } = await client.listPrompts();
    assertEquals(prompts.map(({ name }) => name), ["greet"]);
    const { messages } = await client.getPrompt({ name: "greet", arguments: { name: "Ada" } });
    assertEquals(messages, [{ role: "user", content: { type: "text", text: "Greet Ada" } }]);
  }));

Deno.test("a change of tools on the server is announced to the official client", () =>
  withClient(async (client, server) => {
    const announced = Promise.withResolvers<void>();
    client.setNotificationHandler("notifications/tools/list_changed", () => announced.resolve());
    await server.requests.until(({ method, status }) => method === "GET" && status === 200);
    server.announceTools();
    await announced.promise;
  }));

Deno.test("a slow call of the official client does not block a fast one", () =>
  withClient(async (client, server) => {
    const slow = callTool(client, "slow");
    await server.calls.until(({ tool, stage }) => tool === "slow" && stage === "started");
    assertEquals(await callTool(client, "echo", { text: "meanwhile" }), "meanwhile");
    server.release();
    assertEquals(await slow, "done");
  }));

Deno.test("a call that the official client cancels is cancelled on the server", () =>
  withClient(async (client, server) => {
    const abort = new AbortController();
    const slow = callTool(client, "slow", {}, { signal: abort.signal }).catch(() => "given up");
    await server.calls.until(({ tool, stage }) => tool === "slow" && stage === "started");
    abort.abort();
    assertEquals(await slow, "given up");
    await server.calls.until(({ tool, stage }) => tool === "slow" && stage === "cancelled");
  }));

Deno.test("a tool whose stream is cut before its answer still answers", () =>
  withClient(
    async (client) => assertEquals(await callTool(client, "interrupted"), "resumed"),
    { resumable: true, retryMs: 10 },
  ));

Deno.test("the session is ended when the official client closes", async () => {
  let closed: Promise<unknown> | undefined;
  await withClient((_client, server) => {
    closed = server.requests.until(({ method, status }) => method === "DELETE" && status === 200);
    return Promise.resolve();
  });
  await closed;
});

for (
  const [name, shape] of Object.entries<Omit<McpServerOptions, "authorizationServer">>({
    "JSON with sessions": { answers: "json" },
    "JSON without sessions": { answers: "json", sessions: false },
    "SSE without sessions": { sessions: false },
  })
) {
  Deno.test(`the official client calls a tool of a server that answers in ${name}`, () =>
    withClient(async (client) => {
      assertEquals(await callTool(client, "add", { a: 2, b: 40 }), "42");
    }, shape));
}
