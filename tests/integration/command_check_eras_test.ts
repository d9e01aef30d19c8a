import { assertEquals, assertStringIncludes } from "@std/assert";
import { check, type Checked, checkScript, withParts } from "../parts/check.ts";
import { inText, modernOnly } from "../parts/eras.ts";
import { initializeResult, reply } from "../parts/scripted_answers.ts";
import { type Script, startScriptedServer } from "../parts/scripted_server.ts";

const LEGACY = "2025-11-25 or earlier";
const MODERN = "2026-07-28";

function step({ steps }: Checked, name: string) {
  return steps.find(({ step }) => step === name);
}

Deno.test("a server of revision 2026-07-28: what a client of each version gets", () =>
  withParts(async ({ env }) => {
    const checked = await check(env);
    assertEquals(checked.code, 0);
    const mcp = step(checked, "MCP");
    assertEquals([mcp.method, mcp.revision], ["server/discover", MODERN]);
    const { outcome, message, serverVersions, clients } = step(checked, "MCP versions");
    assertEquals([outcome, serverVersions], ["ok", [MODERN]]);
    assertEquals(clients, { legacy: "bridge", modern: "direct" });
    assertEquals(
      message,
      `the server speaks ${MODERN}; clients of ${LEGACY} connect through the proxy's bridge`,
    );
  }, { era: "modern" }));

Deno.test("a server of revision 2025-11-25 that is limited to it", () =>
  withParts(async ({ env }) => {
    const checked = await check(env);
    assertEquals(checked.code, 0);
    const mcp = step(checked, "MCP");
    assertEquals([mcp.method, mcp.revision], ["initialize", "2025-11-25"]);
    const { outcome, serverVersions, clients } = step(checked, "MCP versions");
    assertEquals([outcome, serverVersions], ["ok", [LEGACY]]);
    assertEquals(clients, { legacy: "direct", modern: "bridge" });
  }));

Deno.test("a server of both: no client needs a bridge", () =>
  withParts(async ({ env }) => {
    const checked = await check(env);
    const { outcome, message, clients } = step(checked, "MCP versions");
    assertEquals([checked.code, outcome], [0, "ok"]);
    assertEquals(clients, { legacy: "direct", modern: "direct" });
    assertEquals(
      message,
      `the server speaks ${LEGACY} and ${MODERN}; no client needs a bridge`,
    );
  }, { era: "both" }));

/** A server of 2026-07-28 that refuses older clients in plain text, like the Go SDK's. */
const REFUSES_IN_TEXT: Script = modernOnly({
  "tools/list": (request) => reply(request, { resultType: "complete", tools: [] }),
}, inText);

Deno.test("a 2026-only server that refuses in plain text is bridged for older clients", async () => {
  const checked = await checkScript(REFUSES_IN_TEXT);
  assertEquals(checked.code, 0, checked.all);
  assertEquals(step(checked, "MCP versions").clients, { legacy: "bridge", modern: "direct" });
});

Deno.test("without the bridge, a 2026-only server that refuses in plain text is a warning", async () => {
  const checked = await checkScript(REFUSES_IN_TEXT, { MCP_PROTOCOL: "pass-through" });
  const { outcome, message, next, clients } = step(checked, "MCP versions");
  assertEquals([outcome, clients], ["warning", { legacy: "none", modern: "direct" }]);
  assertStringIncludes(message, `clients of ${LEGACY} cannot connect: `);
  assertStringIncludes(message, "Unsupported protocol version");
  assertStringIncludes(next[0], "MCP_PROTOCOL");
});

Deno.test("without the bridge, a server of 2025-11-25 is a warning for clients of 2026-07-28", () =>
  withParts(async ({ env }) => {
    const checked = await check({ ...env, MCP_PROTOCOL: "pass-through" });
    const { outcome, message, clients } = step(checked, "MCP versions");
    assertEquals([outcome, clients], ["warning", { legacy: "direct", modern: "none" }]);
    assertStringIncludes(message, `clients of ${MODERN} cannot connect`);
  }));

Deno.test("a bridge that older clients cannot use is a failure", async () => {
  const script: Script = { ...REFUSES_IN_TEXT };
  let discovered = 0;
  await using server = await startScriptedServer({
    ...script,
    "server/discover": (request) =>
      discovered++ === 0 ? script["server/discover"](request) : inText(request),
  });
  const checked = await check({ ...server.env });
  assertEquals([checked.code, checked.failure.step], [1, "MCP versions"]);
  assertEquals(checked.failure.clients, { legacy: "none", modern: "direct" });
});

for (const revision of ["2025-11-25", "2025-06-18", "2025-03-26"]) {
  Deno.test(`a server of revision ${revision}`, async () => {
    const checked = await checkScript({
      initialize: (request) => reply(request, initializeResult(request, revision)),
    });
    const mcp = step(checked, "MCP");
    assertEquals([mcp.method, mcp.revision], ["initialize", revision]);
  });
}
