import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { OAuthProxy, SettingsError } from "../../mod.ts";
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

Deno.test("any further setting is given by its variable's name", async () => {
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

/** A program that starts the proxy on its own standard streams, as version 1's users wrote it. */
function program(): string[] {
  const code = (module: string) =>
    `import { OAuthProxy } from ${JSON.stringify(module)};
     await new OAuthProxy(JSON.parse(process.env.OPTIONS)).start();`;
  if (!proxyCommand().at(-1)!.endsWith(".js")) {
    const module = import.meta.resolve("../../mod.ts");
    return [Deno.execPath(), "eval", `import process from "node:process"; ${code(module)}`];
  }
  const [node, command] = proxyCommand();
  const module = new URL("./mod.js", `file://${command}`).href;
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
