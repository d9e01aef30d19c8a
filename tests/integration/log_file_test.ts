import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { _meta } from "../parts/modern_messages.ts";
import { startProxy } from "../parts/proxy.ts";
import { runCommand, withFolder } from "../parts/run_command.ts";
import { ANSWERS, sse } from "../parts/scripted_answers.ts";
import { inText, isModern, modernOnly } from "../parts/eras.ts";
import { call, initialize, result, withProxy } from "../parts/scripted_proxy.ts";
import { type Script, startScriptedServer } from "../parts/scripted_server.ts";

// MCP_LOG_FILE, the ids of requests in the log, and traceparent.

const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

const traced = (id: number, traceparent: unknown, meta = {}) => {
  const { params, ...message } = call(id);
  return { ...message, params: { ...params, _meta: { ...meta, traceparent } } };
};

for (const format of ["text", "json"]) {
  Deno.test(`MCP_LOG_FILE: the ${format} log is in the file too, each line with its time`, () =>
    withFolder(async (folder) => {
      const path = `${folder}/proxy.log`;
      await withProxy({}, async ({ proxy }) => {
        await proxy.send(call(1));
        await proxy.response(1);
        await proxy.closeStdin();
        await proxy.status;
        const text = await Deno.readTextFile(path);
        if (format === "json") return assertEquals(text, proxy.stderr);
        assertMatch(text, /^\d{4}-\d\d-\d\dT[\d:.]+Z \[OAuth Proxy\] Initialized with:/);
        assertEquals(text.replaceAll(/^\d{4}-\d\d-\d\dT[\d:.]+Z /gm, ""), proxy.stderr);
      }, { env: { MCP_LOG_FILE: path, MCP_LOG_FORMAT: format } });
    }));
}

Deno.test("MCP_LOG_FILE: why the proxy cannot start is in the file too", () =>
  withFolder(async (folder) => {
    const path = `${folder}/proxy.log`;
    await using proxy = startProxy({ env: { MCP_LOG_FILE: path, MCP_CLIENT_ID: "id" } });
    assertEquals((await proxy.status).code, 2);
    const text = await Deno.readTextFile(path);
    assertStringIncludes(text, "MCP_SERVER_URL");
    assertStringIncludes(text, "[OAuth Proxy] Cannot start because of these settings:");
  }));

Deno.test("MCP_LOG_FILE: a file that cannot be written is a setting that is wrong", () =>
  withProxy({}, async ({ proxy }) => {
    assertEquals((await proxy.status).code, 2);
    assertStringIncludes(proxy.stderr, "MCP_LOG_FILE: /nowhere/at/all.log cannot be written");
  }, { revision: null, env: { MCP_LOG_FILE: "/nowhere/at/all.log" } }));

/** A server of 2025-11-25. */
const legacyOnly: Script = {
  "server/discover": inText,
  "tools/call": (request) => (isModern(request) ? inText : ANSWERS.message)(request),
};
const JSON_LOG = { MCP_LOG_FORMAT: "json", MCP_LOG_LEVEL: "debug" };

/** What the JSON log says about a request. */
function linesAbout(stderr: string, id: string): string[] {
  const lines = stderr.trimEnd().split("\n").map((line) => JSON.parse(line));
  return lines.filter((line) => line.id === id).map(({ message }) => message);
}

Deno.test("all lines of the JSON log about one request have its id", () =>
  withProxy({ "tools/call": () => new Response("no", { status: 500 }) }, async ({ proxy }) => {
    await proxy.send(call("my-call"));
    await proxy.response("my-call");
    await proxy.logged("Answered.*my-call");
    const [begin, post, error, end] = linesAbout(proxy.stderr, '"my-call"');
    assertEquals([begin, end], ["Request", "Answered"]);
    assertMatch(post, /^POST /);
    assertMatch(error, /^Proxy error: /);
  }, { env: JSON_LOG }));

const tracedModern = (id: number) => traced(id, TRACE, _meta);

for (
  const [what, script, message, isLegacy] of [
    [
      "a client of 2025-11-25 and a server of 2026-07-28",
      modernOnly({}, inText),
      traced(1, TRACE),
      true,
    ],
    ["a client of 2026-07-28 and a server of 2025-11-25", legacyOnly, tracedModern(1), false],
  ] as const
) {
  Deno.test(`over the bridge, the trace and the id of a call stay the same: ${what}`, () =>
    withProxy(script, async ({ proxy, server }) => {
      if (isLegacy) {
        await proxy.send(initialize());
        await proxy.response("initialize");
        await proxy.send({ jsonrpc: "2.0", method: "notifications/initialized" });
      }
      await proxy.send(message);
      assert((await proxy.response(1)).message.result);
      await proxy.logged(/Answered.*tools\/call/);
      const calls = server.received("tools/call").map(({ headers }) => headers.traceparent);
      assertEquals(calls.at(-1), TRACE);
      const about = linesAbout(proxy.stderr, "1");
      assertEquals([about[0], about.at(-1)], ["Request", "Answered"]);
      assert(about.some((text) => text.startsWith("POST ")), proxy.stderr);
    }, { revision: null, env: JSON_LOG }));
}

for (const [era, meta] of [["2025-11-25", {}], ["2026-07-28", _meta]] as const) {
  Deno.test(`traceparent in _meta is in the log and in the HTTP header, in ${era}`, () =>
    withProxy({
      "tools/call": ({ message: { id } }) => sse(result(id)),
    }, async ({ proxy, server }) => {
      await proxy.send(traced(1, TRACE, meta));
      await proxy.response(1);
      for (const [id, wrong] of [[2, `${TRACE}\r\nX-A: b`], [3, 7], [4, undefined]] as const) {
        await proxy.send(traced(id, wrong, meta));
        await proxy.response(id);
      }
      const sent = server.received("tools/call").map(({ headers }) => headers.traceparent);
      assertEquals(sent, [TRACE, undefined, undefined, undefined]);
      const lines = proxy.stderr.trimEnd().split("\n").map((line) => JSON.parse(line));
      const begun = lines.find(({ message, id }) => message === "Request" && id === "1");
      assertEquals(begun.traceparent, TRACE);
    }, { env: JSON_LOG }));
}

for (const args of [["tools"], ["call", "echo"], ["check"]]) {
  Deno.test(`a log file that cannot be written: ${args[0]} says so and ends`, async () => {
    await using server = await startScriptedServer();
    const { code, stdout, stderr } = await runCommand(args, {
      env: { ...server.env, MCP_LOG_FILE: `${Deno.cwd()}/no-such-folder/log` },
    });
    assert(code > 0, `${code}`);
    const said = (stdout + stderr).replaceAll(/\s+/g, " ");
    assertStringIncludes(said, "no-such-folder/log cannot be written: file not found");
    assert(!/ at (?:async )?\w+ \(|Uncaught/.test(said), said);
  });
}
