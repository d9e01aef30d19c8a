import { assertEquals, assertStringIncludes } from "@std/assert";
import { startAuthorizationServer } from "../parts/authorization_server.ts";
import { startMcpServer } from "../parts/mcp_server.ts";
import { reply, token } from "../parts/scripted_answers.ts";
import { call, withProxy } from "../parts/scripted_proxy.ts";
import type { ScriptedRequest } from "../parts/scripted_server.ts";
import { askWhoAmI } from "../parts/whoami.ts";

Deno.test("a server that names its scopes in the first challenge gets a token with them", async () => {
  await using authorization = await startAuthorizationServer();
  await using server = await startMcpServer({
    authorizationServer: authorization,
    requiredScopes: ["mcp:admin"],
  });
  const { clientId, clientSecret } = authorization.clients.client_secret_basic;
  const { identity, log } = await askWhoAmI({
    MCP_CLIENT_ID: clientId,
    MCP_CLIENT_SECRET: clientSecret,
    MCP_SERVER_URL: server.url,
  });
  assertEquals(identity?.scopes, ["mcp:admin"], log);
  const asked = [...authorization.tokenRequests].map(({ scope }) => scope);
  assertEquals(asked, ["mcp:admin"]);
});

const scopeOf = ({ body }: ScriptedRequest) => new URLSearchParams(body).get("scope");

/** A server that wants one more scope each time. */
function insatiable() {
  let number = 0;
  return () => {
    const challenge = `Bearer error="insufficient_scope", scope="scope-${++number}"`;
    return new Response(null, { status: 403, headers: { "www-authenticate": challenge } });
  };
}

Deno.test("a server that always requires more scopes gets one message at most three times", () =>
  withProxy({ "tools/call": insatiable() }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    const { error } = (await proxy.response(1)).message;
    assertEquals(error.data.status, 403);
    assertEquals(server.received("tools/call").length, 3);
    const asked = server.received("token").map(scopeOf);
    assertEquals(asked, [null, "scope-1", "scope-1 scope-2"]);
  }));

Deno.test("a scope that the authorization server refuses is reported, and the rest goes on", () =>
  withProxy({
    token: (request) =>
      scopeOf(request) === null
        ? token()
        : Response.json({ error: "invalid_scope" }, { status: 400 }),
    "tools/call": (request) =>
      request.message.params.name === "admin" ? insatiable()() : reply(request, {}),
  }, async ({ proxy, server }) => {
    await proxy.send(call(1, "admin"));
    const { error } = (await proxy.response(1)).message;
    assertStringIncludes(error.message, "scope-1");
    assertEquals(error.data.oauthError, "invalid_scope");
    await proxy.send(call(2, "echo"));
    assertEquals((await proxy.response(2)).message.error, undefined);
    await proxy.send(call(3, "admin"));
    assertEquals((await proxy.response(3)).message.error, error);
    assertEquals(server.received("token").length, 2, "not asked for again");
  }));
