import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { pathToFileURL } from "node:url";
import { type ErrorData, OAuthProxy, SettingsError } from "../../mod.ts";
import { proxyCommand, startProxy } from "../parts/proxy.ts";
import { readLines } from "../parts/read_lines.ts";
import { call, initialize, result } from "../parts/scripted_proxy.ts";
import { initializeResult, reply, token } from "../parts/scripted_answers.ts";
import { type ScriptedServer, startScriptedServer } from "../parts/scripted_server.ts";

/** Version 1's options. */
function optionsFor({ url, tokenEndpoint }: ScriptedServer) {
  return {
    clientId: "library-client",
    clientSecret: "library-secret",
    authServerUrl: tokenEndpoint,
    mcpServerUrl: url,
  };
}

/** Streams of a program of one's own: what it writes, and the lines and the log that it gets. */
function ownStreams() {
  const input = new TransformStream<Uint8Array, Uint8Array>();
  const output = new TransformStream<Uint8Array, Uint8Array>();
  const lines: string[] = [];
  const log: string[] = [];
  const writer = input.writable.getWriter();
  return {
    streams: {
      input: input.readable,
      output: output.writable,
      log: (line: string) => void log.push(line),
    },
    lines,
    log,
    read: readLines(output.readable, (line) => lines.push(line)),
    send: (...messages: unknown[]) =>
      writer.write(
        new TextEncoder().encode(
          messages.map((message) => JSON.stringify(message) + "\n").join(""),
        ),
      ),
    end: () => writer.close(),
  };
}

Deno.test("a program can use its own streams; start() resolves when the input has ended", async () => {
  await using server = await startScriptedServer();
  const { streams, lines, log, read, send, end } = ownStreams();
  const started = new OAuthProxy(optionsFor(server)).start(streams);
  await send(initialize(), call(1));
  await end();
  await started;
  // The output is the program's: it is not closed, and nobody holds it.
  await streams.output.close();
  await read;
  assertEquals(lines.map((line) => JSON.parse(line).id), ["initialize", 1]);
  assertStringIncludes(log.join(""), "[OAuth Proxy] Initialized with:");
  const form = new URLSearchParams(server.received("token")[0].body);
  assertEquals([form.get("client_id"), form.get("client_secret")], [
    "library-client",
    "library-secret",
  ]);
});

Deno.test("two proxies in one program keep apart", async () => {
  await using first = await startScriptedServer({ "tools/call": (r) => reply(r, { by: "first" }) });
  await using second = await startScriptedServer({
    "tools/call": (r) => reply(r, { by: "second" }),
  });
  const answers = await Promise.all([first, second].map(async (server) => {
    const { streams, lines, read, send, end } = ownStreams();
    const started = new OAuthProxy(optionsFor(server)).start(streams);
    await send(call(1));
    await end();
    await started;
    await streams.output.close();
    await read;
    return JSON.parse(lines[0]);
  }));
  assertEquals(answers, [result(1, { by: "first" }), result(1, { by: "second" })]);
});

Deno.test("other settings can be set by the names of their variables", async () => {
  await using server = await startScriptedServer();
  const settings = { MCP_SCOPE: "mcp:tools", MCP_LOG_FORMAT: "json", MCP_HEADERS: "X-A: b" };
  const { streams, log, read, send, end } = ownStreams();
  const started = new OAuthProxy({ ...optionsFor(server), settings }).start(streams);
  await send(call(1));
  await end();
  await started;
  await streams.output.close();
  await read;
  assertEquals(new URLSearchParams(server.received("token")[0].body).get("scope"), "mcp:tools");
  assertEquals(server.received("tools/call")[0].headers["x-a"], "b");
  assertEquals(JSON.parse(log[0]).clientId, "library-client");
});

Deno.test("start() rejects with every problem of the settings, and sends nothing", async () => {
  await using server = await startScriptedServer();
  const { streams } = ownStreams();
  const options = {
    ...optionsFor(server),
    authServerUrl: "http://auth.example.com/token",
    settings: { MCP_LOG_LEVEL: "loud" },
  };
  const { problems } = await assertRejects(
    () => new OAuthProxy(options).start(streams),
    SettingsError,
  );
  assertEquals(problems.map((problem) => problem.split(":")[0]).sort(), [
    "MCP_AUTH_SERVER_URL",
    "MCP_LOG_LEVEL",
  ]);
  assert(!streams.output.locked);
  assertEquals([...server.requests], []);
});

Deno.test("an unknown setting is reported like any other problem", async () => {
  const settings = { MCP_SCOPES: "a", scope: "b", MCP_LOG_LEVEL: "loud" };
  const { problems } = await assertRejects(
    () => new OAuthProxy({ clientId: "a", clientSecret: "b", settings }).start(),
    SettingsError,
  );
  assertStringIncludes(problems[0], "MCP_SCOPES: unknown setting");
  assertStringIncludes(problems[1], "scope: unknown setting");
  for (const variable of ["MCP_LOG_LEVEL", "MCP_SERVER_URL"]) {
    assert(problems.some((problem) => problem.startsWith(variable)), variable);
  }
});

Deno.test("a reader that goes away ends start()", async () => {
  await using server = await startScriptedServer({
    token: () => token(),
    initialize: (request) => reply(request, initializeResult(request)),
  });
  const { streams, send } = ownStreams();
  const output = new WritableStream<Uint8Array>({
    write() {
      throw new Error("gone");
    },
  });
  const started = new OAuthProxy(optionsFor(server)).start({ ...streams, output });
  await send(initialize());
  await started;
});

Deno.test("settings are options of their own, with the types of their values", async () => {
  await using server = await startScriptedServer();
  const { streams, log, read, send, end } = ownStreams();
  const proxy = new OAuthProxy({
    clientId: "typed-client",
    clientSecretCommand: [Deno.execPath(), "eval", "console.log('a secret')"],
    serverUrl: new URL(server.url),
    authServerUrl: server.tokenEndpoint,
    scope: "mcp:tools",
    tokenTimeout: "5s",
    maxInFlight: 3,
    dpop: false,
    logFormat: "json",
  });
  const started = proxy.start(streams);
  await send(call(1));
  await end();
  await started;
  await streams.output.close();
  await read;
  const form = new URLSearchParams(server.received("token")[0].body);
  assertEquals([form.get("client_secret"), form.get("scope")], ["a secret", "mcp:tools"]);
  assertEquals(JSON.parse(log[0]).clientId, "typed-client");
});

Deno.test("the environment is read only if the options say so", async () => {
  const variables = { MCP_CLIENT_ID: "id", MCP_CLIENT_SECRET: "secret", MCP_LOG_LEVEL: "loud" };
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  try {
    const problemsWith = async (environment?: boolean) => {
      const proxy = new OAuthProxy({ serverUrl: "https://mcp.example.com/mcp", environment });
      const { problems } = await assertRejects(() => proxy.start(), SettingsError);
      return problems.map((problem) => problem.split(":")[0]).sort();
    };
    assertEquals(await problemsWith(), ["MCP_CLIENT_ID", "MCP_CLIENT_SECRET"]);
    assertEquals(await problemsWith(true), ["MCP_LOG_LEVEL"]);
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
});

Deno.test("an unknown option is reported like any other problem", async () => {
  const options = { clientId: "a", clientSecret: "b", serverUrl: "https://a.example", scopes: "a" };
  const { problems } = await assertRejects(
    () => new OAuthProxy(options as Record<string, string>).start(),
    SettingsError,
  );
  assertEquals(problems.length, 1);
  assertStringIncludes(problems[0], "scopes: unknown option");
});

Deno.test("stop() answers what is in flight, ends the session and resolves start()", async () => {
  const called = Promise.withResolvers<void>();
  await using server = await startScriptedServer({
    "tools/call": () => {
      called.resolve();
      return new Promise<Response>(() => {});
    },
  });
  const { streams, lines, read, send } = ownStreams();
  const proxy = new OAuthProxy(optionsFor(server));
  const started = proxy.start(streams);
  await send(initialize(), call(1));
  await called.promise;
  await proxy.stop();
  await started;
  await streams.output.close();
  await read;
  const error: { data: ErrorData } = JSON.parse(lines.at(-1)!).error;
  assertEquals([error.data.source, error.data.reason], ["mcp-oauth-proxy", "shutdown"]);
  assertEquals(server.received("DELETE").length, 1);
});

Deno.test("stop() before the settings are read ends the run, and does nothing without one", async () => {
  await using server = await startScriptedServer();
  const { streams } = ownStreams();
  const proxy = new OAuthProxy(optionsFor(server));
  await proxy.stop();
  const started = proxy.start(streams);
  await proxy.stop();
  await started;
  assertEquals([...server.requests], []);
});

Deno.test("a second start() is an error while the first one runs, and a new run after it", async () => {
  await using server = await startScriptedServer();
  const proxy = new OAuthProxy(optionsFor(server));
  const first = ownStreams();
  const started = proxy.start(first.streams);
  await assertRejects(() => proxy.start(ownStreams().streams), Error, "running already");
  await first.end();
  await started;
  const second = ownStreams();
  const again = proxy.start(second.streams);
  await second.send(call(2));
  await second.end();
  await again;
  await second.streams.output.close();
  await second.read;
  assertEquals(second.lines.map((line) => JSON.parse(line).id), [2]);
});

/** A program that starts the proxy on its own standard streams, as version 1's users wrote it. */
function program(): string[] {
  const code = (module: string) =>
    `import { pathToFileURL } from "node:url";
import { OAuthProxy } from ${JSON.stringify(module)};
     await new OAuthProxy(JSON.parse(process.env.OPTIONS)).start();`;
  if (!proxyCommand().at(-1)!.endsWith(".js")) {
    const module = import.meta.resolve("../../mod.ts");
    return [Deno.execPath(), "eval", `import process from "node:process"; ${code(module)}`];
  }
  const [node, command] = proxyCommand();
  const module = new URL("./mod.js", pathToFileURL(command)).href;
  return [node, "--input-type=module", "--eval", code(module)];
}

Deno.test("start() without streams relays over standard input and output", async () => {
  await using server = await startScriptedServer();
  const OPTIONS = JSON.stringify(optionsFor(server));
  await using proxy = startProxy({ command: program(), env: { OPTIONS } });
  await proxy.send(call(1));
  assertEquals((await proxy.response(1)).message, result(1));
  await proxy.closeStdin();
  assertEquals((await proxy.status).code, 0);
  assertStringIncludes(proxy.stderr, "  Client ID: library-client\n");
});
