import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  type AuthorizationServer,
  type AuthorizationServerOptions,
  startAuthorizationServer,
} from "../parts/authorization_server.ts";
import {
  type McpServerOptions,
  type RunningMcpServer,
  startMcpServer,
} from "../parts/mcp_server.ts";
import { startProxy } from "../parts/proxy.ts";
import { call, initialize, notification } from "../parts/scripted_proxy.ts";
import { askWhoAmI } from "../parts/whoami.ts";

/** Runs a test with real servers, and the variables of a client that knows no token endpoint. */
async function withServers(
  test: (parts: {
    server: RunningMcpServer;
    authorization: AuthorizationServer;
    env: Record<string, string>;
  }) => Promise<void>,
  shape: Omit<McpServerOptions, "authorizationServer"> = {},
  options: AuthorizationServerOptions = {},
) {
  await using authorization = await startAuthorizationServer(options);
  await using server = await startMcpServer({ authorizationServer: authorization, ...shape });
  const { clientId, clientSecret } = authorization.clients.client_secret_basic;
  const env = {
    MCP_CLIENT_ID: clientId,
    MCP_CLIENT_SECRET: clientSecret,
    MCP_SERVER_URL: server.url,
    MCP_LOG_LEVEL: "debug",
  };
  await test({ server, authorization, env });
}

const paths = (requests: Iterable<{ path: string; method: string }>, method = "GET") =>
  [...requests].filter((request) => request.method === method).map(({ path }) => path);

Deno.test("client ID, secret and server URL are enough", () =>
  withServers(async ({ server, authorization, env }) => {
    const { identity, log } = await askWhoAmI(env);
    assertEquals(identity?.clientId, env.MCP_CLIENT_ID, log);
    const [{ resource, scope }] = authorization.tokenRequests;
    assertEquals(resource, server.url);
    assertEquals(scope, "mcp:tools mcp:admin", "what the resource metadata lists");
    assertEquals(authorization.tokenRequests.count(), 1);
    assertEquals(paths(server.requests)[0], "/.well-known/oauth-protected-resource/mcp");
    assertEquals(paths(authorization.requests).filter((path) => path !== "/jwks"), [
      "/.well-known/oauth-authorization-server",
    ]);
  }));

Deno.test("without resource_metadata in the challenge, the well-known URL is used", () =>
  withServers(async ({ env }) => {
    const { identity, log } = await askWhoAmI(env);
    assertEquals(identity?.clientId, env.MCP_CLIENT_ID, log);
  }, { metadata: "well-known" }));

Deno.test("MCP_AUTH_ISSUER is enough if the MCP server publishes nothing", () =>
  withServers(async ({ server, authorization, env }) => {
    const { identity, log } = await askWhoAmI({ ...env, MCP_AUTH_ISSUER: authorization.issuer });
    assertEquals(identity?.clientId, env.MCP_CLIENT_ID, log);
    assertEquals([...authorization.tokenRequests][0].resource, server.url);
  }, { metadata: "none" }));

for (const place of ["oauth", "openid", "openid-appended"] as const) {
  Deno.test(`metadata of an issuer with a path is found at ${place}`, () =>
    withServers(
      async ({ env }) => {
        const { identity, log } = await askWhoAmI(env);
        assertEquals(identity?.clientId, env.MCP_CLIENT_ID, log);
      },
      {},
      { path: "/realms/test", metadataAt: [place] },
    ));
}

Deno.test("MCP_SCOPE and MCP_RESOURCE override what was discovered", () =>
  withServers(async ({ authorization, env }) => {
    const { error } = await askWhoAmI({
      ...env,
      MCP_SCOPE: "mcp:tools",
      MCP_RESOURCE: "https://elsewhere.example",
    });
    assertEquals(error.data.oauthError, "invalid_target");
    const [{ scope, resource }] = authorization.tokenRequests;
    assertEquals({ scope, resource }, {
      scope: "mcp:tools",
      resource: "https://elsewhere.example",
    });
  }));

Deno.test("with `discover`, the credential of a server without metadata goes nowhere else", () =>
  withServers(async ({ server, env }) => {
    const { error, log } = await askWhoAmI({ ...env, MCP_AUTH_SERVER_URL: "discover" });
    assertStringIncludes(error.message, new URL("/token", server.url).href);
    assertStringIncludes(error.message, "publishes no authorization metadata");
    assertEquals(log.includes("perforce"), false, log);
  }, { metadata: "none" }));

Deno.test("a token that is refused later is replaced after the metadata was read again", () =>
  withServers(async ({ server, authorization, env }) => {
    await using proxy = startProxy({ env });
    await proxy.send(initialize());
    await proxy.response("initialize");
    await proxy.send(notification("notifications/initialized"));
    server.revokeTokens();
    await proxy.send(call(1, "whoami"));
    assertEquals((await proxy.response(1)).message.error, undefined);
    assertEquals(authorization.tokenRequests.count(), 2);
    const metadata = "/.well-known/oauth-protected-resource/mcp";
    assertEquals(server.requests.count(({ path }) => path === metadata), 2);
    const asked = authorization.requests.count(({ path }) => path.includes("well-known"));
    assertEquals(asked, 1, "the authorization server's is kept");
  }));

Deno.test("a server that requires no token gets none, and no token is requested", () =>
  withServers(async ({ authorization, env }) => {
    await using server = openServer();
    const { message } = await initialized({ ...env, MCP_SERVER_URL: server.url });
    assertEquals(message.result.serverInfo.name, "open");
    assertEquals(server.authorizations, [null]);
    assertEquals(authorization.tokenRequests.count(), 0);
  }));

/** An MCP server for everybody. */
function openServer() {
  const authorizations: (string | null)[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    authorizations.push(request.headers.get("authorization"));
    const { id, params: { protocolVersion } } = await request.json();
    const serverInfo = { name: "open", version: "1" };
    return Response.json({
      jsonrpc: "2.0",
      id,
      result: { protocolVersion, capabilities: {}, serverInfo },
    });
  });
  const url = `http://127.0.0.1:${server.addr.port}/mcp`;
  return { url, authorizations, [Symbol.asyncDispose]: () => server.shutdown() };
}

async function initialized(env: Record<string, string>) {
  await using proxy = startProxy({ env });
  await proxy.send(initialize());
  return await proxy.response("initialize");
}
