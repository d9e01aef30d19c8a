import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startProxy } from "../parts/proxy.ts";
import { runCommand } from "../parts/run_command.ts";
import { reply, token } from "../parts/scripted_answers.ts";
import { call, handshake, initialize, result } from "../parts/scripted_proxy.ts";
import { type Script, type ScriptedServer, startScriptedServer } from "../parts/scripted_server.ts";

/** Runs a test with a server that names its own origin as issuer, where the well-known metadata is. */
async function withIssuer(
  script: Script,
  test: (server: ScriptedServer, env: Record<string, string>) => Promise<void>,
  metadata: Record<string, unknown> = {},
) {
  await using server = await startScriptedServer({
    "/.well-known/oauth-authorization-server": () =>
      Response.json({
        issuer: origin,
        token_endpoint: server.tokenEndpoint,
        token_endpoint_auth_methods_supported: ["client_secret_post"],
      }),
    "/.well-known/oauth-protected-resource/mcp": () =>
      Response.json({
        resource: server.url,
        authorization_servers: [origin],
        scopes_supported: ["read", "openid"],
        ...metadata,
      }),
    ...script,
  });
  const { origin } = new URL(server.url);
  await test(server, { ...server.env, MCP_AUTH_SERVER_URL: "", MCP_AUTH_ISSUER: origin });
}

const form = ({ body }: { body: string }) => Object.fromEntries(new URLSearchParams(body));

Deno.test("with MCP_AUTH_ISSUER, a server that answers without a token gets one with the first request", () =>
  withIssuer({}, async (server, env) => {
    await using proxy = startProxy({ env });
    await handshake({ proxy, server });
    const { headers } = server.received("initialize")[0];
    assertEquals(headers.authorization, "Bearer test-token");
    const { scope, resource } = form(server.received("token")[0]);
    assertEquals([scope, resource], ["read", server.url], "as the well-known metadata says");
  }));

Deno.test("with MCP_AUTH_ISSUER, a server without metadata gets a token for its URL with the first request", () =>
  withIssuer({
    "/.well-known/oauth-protected-resource/mcp": () => new Response(null, { status: 404 }),
  }, async (server, env) => {
    await using proxy = startProxy({ env });
    await handshake({ proxy, server });
    assertEquals(server.received("initialize").length, 1);
    const { scope, resource } = form(server.received("token")[0]);
    assertEquals([scope, resource], [undefined, server.url]);
  }));

Deno.test("with MCP_AUTH_SERVER_URL, a server that answers without a token gets one with the first request", async () => {
  await using server = await startScriptedServer({});
  await using proxy = startProxy({ env: server.env });
  await handshake({ proxy, server });
  assertEquals(server.received("initialize")[0].headers.authorization, "Bearer test-token");
});

Deno.test("without either, a server that answers without a token gets no token", () =>
  withIssuer({}, async (server, env) => {
    await using proxy = startProxy({ env: { ...env, MCP_AUTH_ISSUER: "" } });
    await handshake({ proxy, server });
    assertEquals(server.received("token"), []);
  }));

Deno.test("if the scopes of the metadata are refused, the server's challenge says which to request", () =>
  withIssuer({
    token: (request) =>
      form(request).scope === "needed"
        ? token()
        : Response.json({ error: "invalid_scope" }, { status: 400 }),
    initialize: (request) =>
      request.headers.authorization ? reply(request, {}) : new Response(null, {
        status: 401,
        headers: { "www-authenticate": 'Bearer scope="needed"' },
      }),
  }, async (server, env) => {
    await using proxy = startProxy({ env });
    await proxy.send(initialize());
    assertEquals((await proxy.response("initialize")).message, result("initialize"));
    assertEquals(server.received("token").map((request) => form(request).scope), [
      "read",
      "needed",
    ]);
  }));

Deno.test("if the well-known metadata is about another resource, the server's challenge is followed", () =>
  withIssuer({
    initialize: (request) =>
      request.headers.authorization ? reply(request, {}) : new Response(null, {
        status: 401,
        headers: {
          "www-authenticate": `Bearer resource_metadata="http://${request.headers.host}/metadata"`,
        },
      }),
    "/metadata": ({ headers: { host } }) => {
      const origin = `http://${host}`;
      return Response.json({ resource: `${origin}/mcp`, authorization_servers: [origin] });
    },
  }, async (server, env) => {
    await using proxy = startProxy({ env });
    await proxy.send(initialize());
    assertEquals((await proxy.response("initialize")).message, result("initialize"));
    assertEquals(server.received("token").length, 1);
  }, { resource: "https://other.example/mcp" }));

Deno.test("a wrong credential is reported although the server would answer without a token", () =>
  withIssuer({
    token: () => Response.json({ error: "invalid_client" }, { status: 401 }),
  }, async (server, env) => {
    await using proxy = startProxy({ env });
    await proxy.send(initialize());
    const { error } = (await proxy.response("initialize")).message;
    assertEquals(error.data.oauthError, "invalid_client");
    assertEquals([server.received("initialize"), server.received("token").length], [[], 1]);
  }));

Deno.test("a 400 with the challenge invalid_token gets a new token, like a 401", () => {
  let number = 0;
  return withIssuer({
    token: () => token({ access_token: `token-${++number}` }),
    "tools/call": (request) =>
      request.headers.authorization === "Bearer token-1"
        ? new Response("{}", {
          status: 400,
          headers: { "www-authenticate": 'Bearer error="invalid_token"' },
        })
        : reply(request, {}),
  }, async (server, env) => {
    await using proxy = startProxy({ env });
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message, result(1));
    assertEquals(server.received("token").length, 2);
  });
});

Deno.test("a 400 without this challenge is the answer", () =>
  withIssuer({
    "tools/call": () =>
      new Response("{}", { status: 400, headers: { "www-authenticate": 'Bearer realm="x"' } }),
  }, async (server, env) => {
    await using proxy = startProxy({ env });
    await proxy.send(call(1));
    const { error } = (await proxy.response(1)).message;
    assertEquals(error.data.status, 400);
    assertEquals(server.received("token").length, 1);
  }));

Deno.test("check tests the credential of MCP_AUTH_ISSUER at a server that answers without a token", () =>
  withIssuer({
    token: () => Response.json({ error: "invalid_client" }, { status: 401 }),
  }, async (_server, env) => {
    const { code, stdout } = await runCommand(["check"], { env });
    assertEquals(code, 1, stdout);
    assertStringIncludes(stdout, "does not require a token");
    assertStringIncludes(stdout, "invalid_client");
    assert(/Failed at: token/.test(stdout), stdout);
  }));
