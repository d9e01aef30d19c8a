import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startAuthorizationServer } from "../parts/authorization_server.ts";
import { type McpServerOptions, startMcpServer } from "../parts/mcp_server.ts";
import { runCommand } from "../parts/run_command.ts";
import { LEGACY_TRANSPORTS, legacyServer } from "../parts/legacy_server.ts";
import { startHttpSseServer } from "../parts/http_sse_server.ts";
import { HAS_TERMINAL, runOnTerminal } from "../parts/run_on_terminal.ts";
import { jsonText, reply, token } from "../parts/scripted_answers.ts";
import { type Script, startScriptedServer } from "../parts/scripted_server.ts";

/** Runs a test with the official server and the certified authorization server. */
async function withRealParts(
  options: Omit<McpServerOptions, "authorizationServer">,
  test: (run: (...args: string[]) => ReturnType<typeof runCommand>) => Promise<void>,
): Promise<void> {
  await using authorizationServer = await startAuthorizationServer();
  await using server = await startMcpServer({ authorizationServer, ...options });
  const client = authorizationServer.clients.client_secret_post;
  const env = {
    MCP_CLIENT_ID: client.clientId,
    MCP_CLIENT_SECRET: client.clientSecret!,
    MCP_AUTH_SERVER_URL: authorizationServer.tokenEndpoint,
    MCP_SERVER_URL: server.url,
  };
  await test((...args) => runCommand(args, { env }));
}

/** Runs a command against a scripted server. */
async function withScript(script: Script, ...args: string[]) {
  await using server = await startScriptedServer(script);
  const result = await runCommand(args, { env: server.env });
  return { ...result, requests: [...server.requests].map(({ name }) => name) };
}

for (const era of ["legacy", "modern", "both"] as const) {
  Deno.test(`call calls a tool of a server of era ${era}, and tools lists them`, async () => {
    await withRealParts({ era }, async (run) => {
      const called = await run("call", "add", '{"a": 2, "b": 40}');
      assertEquals({ code: called.code, stderr: called.stderr }, { code: 0, stderr: "" });
      assertEquals(JSON.parse(called.stdout).content, [{ type: "text", text: "42" }]);

      const tools = await run("tools");
      assertEquals(tools.code, 0);
      const names = JSON.parse(tools.stdout).map(({ name }: { name: string }) => name);
      assert(names.includes("add") && names.includes("whoami"));

      const method = await run("call", "resources/read", '{"uri": "note://welcome"}');
      assertEquals(JSON.parse(method.stdout).contents[0].text, "Welcome");
    });
  });
}

Deno.test("arguments may be written over several lines", async () => {
  await withRealParts({ era: "both" }, async (run) => {
    const { code, stdout } = await run("call", "add", '{\n  "a": 2,\r\n  "b": 40\n}');
    assertEquals(code, 0);
    assertEquals(JSON.parse(stdout).content, [{ type: "text", text: "42" }]);
  });
});

Deno.test("call without arguments sends an empty object", async () => {
  await withRealParts({}, async (run) => {
    const { code, stdout } = await run("call", "whoami");
    assertEquals(code, 0);
    assertStringIncludes(stdout, "clientId");
  });
});

Deno.test("an error of the server is printed as it is, and the exit code is 1", async () => {
  const error = '{"code":-32602,"message":"no","data":{"n":1.0}}';
  const { code, stdout, stderr } = await withScript(
    {
      "tools/call": ({ message }) =>
        jsonText(`{"jsonrpc":"2.0","id":${message.id},"error":${error}}`),
    },
    "call",
    "x",
  );
  assertEquals({ code, stdout, stderr }, { code: 1, stdout: `${error}\n`, stderr: "" });
});

Deno.test("a tool that reports an error makes the exit code 1", async () => {
  const { code, stdout } = await withScript(
    {
      "tools/call": (request) => reply(request, { content: [], isError: true }),
    },
    "call",
    "x",
  );
  assertEquals(code, 1);
  assertEquals(JSON.parse(stdout), { content: [], isError: true });
});

Deno.test("numbers reach the server, and come from it, as they were written", async () => {
  let sent = "";
  const { stdout } = await withScript(
    {
      "tools/call": ({ body, message }) => {
        sent = body;
        return jsonText(
          `{"jsonrpc":"2.0","id":${message.id},"result":{"n":12345678901234567890,"x":1.0}}`,
        );
      },
    },
    "call",
    "x",
    '{"big":98765432109876543210}',
  );
  assertStringIncludes(sent, '"arguments":{"big":98765432109876543210}');
  assertEquals(stdout, '{"n":12345678901234567890,"x":1.0}\n');
});

Deno.test("tools are read from all pages", async () => {
  const { stdout } = await withScript({
    "tools/list": (request) =>
      request.message.params.cursor === "2"
        ? reply(request, { tools: [{ name: "b" }] })
        : reply(request, { tools: [{ name: "a" }], nextCursor: "2" }),
  }, "tools");
  assertEquals(JSON.parse(stdout), [{ name: "a" }, { name: "b" }]);
});

Deno.test("without a token, nothing else is tried, and the error says why", async () => {
  const { code, stdout, stderr, requests } = await withScript(
    {
      token: () => Response.json({ error: "invalid_client" }, { status: 401 }),
    },
    "call",
    "x",
  );
  assertEquals(code, 1);
  assertStringIncludes(stdout, "invalid_client");
  assertStringIncludes(stderr, "MCP_CLIENT_ID");
  assert(!requests.includes("initialize"));
});

Deno.test("a server request during a call gets an error", async () => {
  const { code, stdout } = await withScript(
    {
      "tools/call": (request) =>
        reply(request, { resultType: "input_required", inputRequests: {} }),
    },
    "call",
    "x",
  );
  assertEquals(code, 1);
  assertStringIncludes(stdout, "input_required");
});

Deno.test("the session is ended, and info is logged only on request", async () => {
  const { stderr, requests } = await withScript({ token: () => token() }, "call", "ping");
  assertEquals(stderr, "");
  assertEquals(requests.at(-1), "DELETE");
  const loud = await withScript({}, "call", "ping", "--log-level", "info");
  assertStringIncludes(loud.stderr, "[OAuth] Token fetched");
});

Deno.test("arguments that are not a JSON object are refused before anything is sent", async () => {
  const { code, stderr, requests } = await withScript({}, "call", "x", "[1]");
  assertEquals(code, 2);
  assertStringIncludes(stderr, "JSON object");
  assertEquals(requests, []);
});

for (const transport of LEGACY_TRANSPORTS) {
  for (const protocol of ["auto", "pass-through"]) {
    Deno.test(`call and tools use a legacy server with ${transport}, MCP_PROTOCOL=${protocol}`, async () => {
      const { script } = legacyServer(transport, {
        "initialize": ({ message }) => ({
          protocolVersion: message.params.protocolVersion,
          capabilities: { tools: {} },
          serverInfo: { name: "legacy", version: "1" },
        }),
        "tools/list": () => ({ tools: [{ name: "a", inputSchema: { type: "object" } }] }),
        "tools/call": () => ({ content: [{ type: "text", text: "called" }] }),
      });
      const option = ["--protocol", protocol];
      const called = await withScript(script, "call", "a", ...option);
      assertEquals(called.code, 0, called.stdout + called.stderr);
      assertEquals(JSON.parse(called.stdout).content, [{ type: "text", text: "called" }]);
      const listed = await withScript(script, "tools", ...option);
      assertEquals(JSON.parse(listed.stdout).map(({ name }: { name: string }) => name), ["a"]);
    });
  }
}

Deno.test("call and tools use the official server over HTTP+SSE", async () => {
  await using authorizationServer = await startAuthorizationServer();
  await using server = await startHttpSseServer(authorizationServer);
  const client = authorizationServer.clients.client_secret_post;
  const env = {
    MCP_CLIENT_ID: client.clientId,
    MCP_CLIENT_SECRET: client.clientSecret!,
    MCP_AUTH_SERVER_URL: authorizationServer.tokenEndpoint,
    MCP_SERVER_URL: server.url,
  };
  const called = await runCommand(["call", "echo", '{"text": "hi"}'], { env });
  assertEquals(called.code, 0, called.stdout + called.stderr);
  assertEquals(JSON.parse(called.stdout).content, [{ type: "text", text: "hi" }]);
  const tools = await runCommand(["tools"], { env });
  assertStringIncludes(tools.stdout, '"echo"');
});

Deno.test("tools names the tools that the filter hides, and call does not call them", async () => {
  await withRealParts({ era: "both" }, async (run) => {
    const { code, stdout, stderr } = await run("tools", "--tools-deny", "who*");
    assertEquals(code, 0);
    assert(!stdout.includes('"whoami"') && stdout.includes('"add"'), stdout);
    assertStringIncludes(stderr, "Hidden by MCP_TOOLS_ALLOW or MCP_TOOLS_DENY: whoami\n");
    const called = await run("call", "whoami", "--tools-deny", "who*");
    assertEquals(called.code, 1);
    assertStringIncludes(called.stdout, "-32602");
  });
});

Deno.test({
  name: "call shows the server's progress on a terminal",
  ignore: !HAS_TERMINAL,
  async fn() {
    const { script, messages } = legacyServer("SSE", {
      "initialize": ({ message }) => ({
        protocolVersion: message.params.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: "legacy", version: "1" },
      }),
      async "tools/call"({ message, send }) {
        const { progressToken } = message.params._meta;
        const params = { progressToken, progress: 1, total: 2, message: "Half of it" };
        send({ jsonrpc: "2.0", method: "notifications/progress", params });
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        return { content: [{ type: "text", text: "called" }] };
      },
    });
    await using server = await startScriptedServer(script);
    const { code, stdout } = await runOnTerminal(["call", "a"], server.env);
    assertEquals(code, 0, stdout);
    assertStringIncludes(stdout, "Half of it (1 of 2)…");
    assertStringIncludes(stdout, '"called"');
    assert(messages.count(({ method }) => method === "tools/call") === 1);
  },
});
