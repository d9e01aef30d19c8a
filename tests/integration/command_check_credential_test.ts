import { assertEquals, assertStringIncludes } from "@std/assert";
import { check, type Checked, outcomes } from "../parts/check.ts";
import { initializeResult, reply } from "../parts/scripted_answers.ts";
import {
  type Answer,
  type Script,
  type ScriptedRequest,
  startScriptedServer,
} from "../parts/scripted_server.ts";

/** A method that the server does not have. */
const unknownMethod: Answer = ({ message }) =>
  Response.json({
    jsonrpc: "2.0",
    id: message.id,
    error: { code: -32601, message: "Method not found" },
  });

/** A server that answers without a token. */
const OPEN: Script = {
  initialize: (request) => reply(request, initializeResult(request)),
  "server/discover": unknownMethod,
  "tools/list": (request) => reply(request, { tools: [] }),
};

const originOf = ({ headers }: ScriptedRequest) => `http://${headers.host}`;

/** Metadata that names the server itself as its authorization server. */
const METADATA: Script = {
  "/.well-known/oauth-protected-resource/mcp": (request) =>
    Response.json({
      resource: `${originOf(request)}/mcp`,
      authorization_servers: [originOf(request)],
    }),
  "/.well-known/oauth-authorization-server": (request) =>
    Response.json({ issuer: originOf(request), token_endpoint: `${originOf(request)}/token` }),
};

/** Checks a server with nothing but its URL and the credential. */
async function checkDiscovered(
  script: Script,
): Promise<Checked & { tokenRequests: number; origin: string }> {
  await using server = await startScriptedServer(script);
  const { MCP_AUTH_SERVER_URL: _, ...env } = server.env;
  const checked = await check(env);
  const tokenRequests = server.received("token").length;
  return { ...checked, tokenRequests, origin: new URL(server.url).origin };
}

function step({ steps }: Checked, name: string) {
  return steps.find(({ step }) => step === name);
}

Deno.test("a server that asks for no token: the credential is tested at the authorization server in its metadata", async () => {
  const checked = await checkDiscovered({ ...OPEN, ...METADATA });
  assertEquals(checked.code, 0, checked.all);
  assertEquals(outcomes(checked).slice(2), [
    "ok: challenge",
    "ok: MCP",
    "ok: MCP versions",
    "ok: tools",
    "ok: resource metadata",
    "ok: authorization server",
    "ok: client authentication",
    "ok: token",
    "warning: token not used",
  ]);
  assertStringIncludes(step(checked, "challenge").message, "does not require a token");
  assertEquals(step(checked, "token not used").next, [
    `If the MCP server needs the token, set MCP_AUTH_ISSUER=${checked.origin}`,
  ]);
  assertEquals(checked.tokenRequests, 1);
});

Deno.test("a server that asks for no token: a wrong credential is a failure", async () => {
  const checked = await checkDiscovered({
    ...OPEN,
    ...METADATA,
    token: () => Response.json({ error: "invalid_client" }, { status: 401 }),
  });
  const { code, failure } = checked;
  assertEquals([code, failure.step, failure.oauthError], [1, "token", "invalid_client"]);
  assertStringIncludes(failure.next[0], "MCP_CLIENT_SECRET");
  assertEquals(step(checked, "tools").outcome, "ok");
});

Deno.test("the server requires no token and names no authorization server: the credential is not tested", async () => {
  const checked = await checkDiscovered(OPEN);
  assertEquals(checked.code, 0, checked.all);
  const { outcome, message, next } = step(checked, "token");
  assertEquals(outcome, "warning");
  assertStringIncludes(message, "the credential was not tested");
  assertStringIncludes(next[0], "MCP_AUTH_ISSUER or MCP_AUTH_SERVER_URL");
  assertEquals(checked.tokenRequests, 0);
});

Deno.test("a server that asks for no token and has wrong metadata: the credential is not tested", async () => {
  const checked = await checkDiscovered({
    ...OPEN,
    "/.well-known/oauth-protected-resource/mcp": () =>
      Response.json({ resource: "https://other.example/mcp", authorization_servers: [] }),
  });
  assertEquals(checked.code, 0, checked.all);
  const { outcome, message, next } = step(checked, "token");
  assertEquals(outcome, "warning");
  assertStringIncludes(message, "https://other.example/mcp");
  assertStringIncludes(next[0], "MCP_AUTH_SERVER_URL");
});

/** How servers refuse a request without a token, other than with 401. */
const REFUSALS: Readonly<Record<string, Answer>> = {
  302: () => new Response(null, { status: 302, headers: { location: "https://login.example/" } }),
  400: () => new Response("Missing token", { status: 400 }),
  403: () => new Response("Missing token", { status: 403 }),
  404: () => new Response("Missing token", { status: 404 }),
  "200 with an error": ({ message }) =>
    Response.json({
      jsonrpc: "2.0",
      id: message.id,
      error: { code: -32001, message: "Missing token" },
    }),
};

for (const [status, refusal] of Object.entries(REFUSALS)) {
  const script: Script = {
    initialize: refusal,
    "server/discover": refusal,
    message: refusal,
    GET: () => new Response(null, { status: 405 }),
    ...METADATA,
  };

  Deno.test(`a server that refuses with ${status} and not with 401: the credential is tested`, async () => {
    const checked = await checkDiscovered(script);
    assertEquals([checked.code, checked.failure.step], [1, "MCP"], checked.all);
    const challenge = step(checked, "challenge");
    assertEquals(challenge.outcome, "warning");
    assertStringIncludes(challenge.message, `with ${status.replace("with", "and")} instead of 401`);
    if (status !== "302") assertStringIncludes(challenge.message, "Missing token");
    assertEquals([step(checked, "token").outcome, checked.tokenRequests], ["ok", 1]);
    if (status.startsWith("200")) {
      assertStringIncludes(checked.failure.message, "error -32001: Missing token");
    }
    // The proxy takes a 403 for a demand, and sends the token.
    const unused = step(checked, "token not used");
    if (status === "403") assertEquals(unused, undefined);
    else assertStringIncludes(unused.next[0], "MCP_AUTH_ISSUER=");
  });

  Deno.test(`a server that refuses with ${status}: the token is sent if MCP_AUTH_ISSUER is set`, async () => {
    const guarded = Object.fromEntries(
      Object.entries({ ...script, ...OPEN }).map(([name, answer]) => [
        name,
        (request: ScriptedRequest) =>
          !request.path.startsWith("/mcp") || request.headers.authorization
            ? answer(request)
            : refusal(request),
      ]),
    );
    await using server = await startScriptedServer(guarded);
    const { MCP_AUTH_SERVER_URL: _, ...env } = server.env;
    const checked = await check({ ...env, MCP_AUTH_ISSUER: new URL(server.url).origin });
    assertEquals(checked.code, 0, checked.all);
    assertEquals(step(checked, "token").outcome, "ok");
    assertEquals(step(checked, "token not used"), undefined);
  });
}
