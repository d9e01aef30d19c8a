import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { reply } from "../parts/scripted_answers.ts";
import { startProxy } from "../parts/proxy.ts";
import { call, initialize, withProxy } from "../parts/scripted_proxy.ts";
import { type ScriptedRequest, startScriptedServer } from "../parts/scripted_server.ts";

const scopeOf = ({ body }: ScriptedRequest) => new URLSearchParams(body).get("scope");

function refusal(status: number, challenge: string): Response {
  return new Response(null, { status, headers: { "www-authenticate": `Bearer ${challenge}` } });
}

Deno.test("A server asks for a scope beyond MCP_SCOPE: it is not requested, and the error names it", () =>
  withProxy({
    "tools/call": () => refusal(403, 'error="insufficient_scope", scope="read admin:everything"'),
  }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    const { error } = (await proxy.response(1)).message;
    assertStringIncludes(error.message, '"admin:everything"');
    assertStringIncludes(error.message, "MCP_SCOPE");
    assertEquals(error.data.status, 403);
    assertEquals(server.received("token").map(scopeOf), ["read"]);
    assertEquals(server.received("tools/call").length, 1);
  }, { env: { MCP_SCOPE: "read" } }));

Deno.test("A server asks for another scope with each message: ten are requested in all", () => {
  let number = 0;
  return withProxy({
    "tools/call": () => refusal(403, `error="insufficient_scope", scope="scope-${++number}"`),
  }, async ({ proxy, server }) => {
    for (let id = 1; id <= 20; id++) {
      await proxy.send(call(id));
      assertEquals((await proxy.response(id)).message.error.data.status, 403);
    }
    assertEquals(server.received("token").length, 11);
  });
});

Deno.test("A server refuses each token: it gets five new ones in a minute, however many messages come", () =>
  withProxy({
    "tools/call": () => refusal(401, 'error="invalid_token"'),
    "tools/list": (request) => reply(request, { tools: [] }),
  }, async ({ proxy, server }) => {
    for (let id = 1; id <= 20; id++) {
      await proxy.send(call(id));
      assertEquals((await proxy.response(id)).message.error.data.status, 401);
    }
    assertEquals(server.received("token").length, 6);
    await proxy.send({ jsonrpc: "2.0", id: "list", method: "tools/list" });
    assertEquals((await proxy.response("list")).message.error, undefined);
  }));

Deno.test("A server refuses each token and lists more scopes in its metadata each time: the scope that is requested does not grow beyond 1,000 characters", async () => {
  let number = 0;
  const resource = (request: ScriptedRequest) =>
    Response.json({
      resource: `http://${request.headers.host}/mcp`,
      authorization_servers: [`http://${request.headers.host}`],
      scopes_supported: [`scope-${++number}-${"x".repeat(400)}`],
    });
  await using server = await startScriptedServer({
    initialize: () => refusal(401, 'error="invalid_token"'),
    "/.well-known/oauth-protected-resource/mcp": resource,
    "/.well-known/oauth-authorization-server": ({ headers: { host } }) =>
      Response.json({ issuer: `http://${host}`, token_endpoint: `http://${host}/token` }),
  });
  const { MCP_AUTH_SERVER_URL: _, ...env } = server.env;
  await using proxy = startProxy({ env });
  for (let id = 1; id <= 5; id++) {
    await proxy.send({ ...initialize(), id });
    await proxy.response(id);
  }
  const longest = Math.max(...server.received("token").map((sent) => scopeOf(sent)?.length ?? 0));
  assert(longest > 400 && longest <= 1_000, `${longest} characters`);
});
