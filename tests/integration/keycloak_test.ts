import { assertEquals, assertStringIncludes } from "@std/assert";
import { connectKeycloak, type Keycloak, keycloakPlace } from "../parts/keycloak.ts";
import { type RunningMcpServer, startMcpServer } from "../parts/mcp_server.ts";
import { createClients, type OAuthClient } from "../parts/oauth_clients.ts";
import { jwtReader } from "../parts/token_verifier.ts";
import { askWhoAmI } from "../parts/whoami.ts";

// How to start one is in docs/authorization-servers.md.

const none = keycloakPlace.url === undefined && keycloakPlace.home === undefined;
const SKIPPED = none ? " (needs KEYCLOAK_HOME or KEYCLOAK_URL)" : "";
const SCOPES = ["mcp:tools", "mcp:admin"];

/** Runs a test with a realm of its own, and the official MCP server that takes its tokens. */
async function withRealm(
  test: (parts: {
    server: RunningMcpServer;
    issuer: string;
    tokenEndpoint: string;
    bySecret: OAuthClient;
    byKey: OAuthClient;
  }) => Promise<void>,
) {
  await using keycloak: Keycloak = await connectKeycloak();
  const { client_secret_basic: bySecret, private_key_jwt: byKey } = await createClients();
  // The realm names the resource, so that the server's port has to be known before it starts.
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  await using realm = await keycloak.createRealm(`test-${crypto.randomUUID()}`, {
    resource: `http://127.0.0.1:${port}/mcp`,
    scopes: SCOPES,
    clients: [bySecret, byKey],
  });
  const { issuer, jwksUri } = realm;
  const readToken = await jwtReader(jwksUri, { issuer, audience: `http://127.0.0.1:${port}/mcp` });
  const authorizationServer = { issuer, jwksUri, readToken };
  await using server = await startMcpServer({ authorizationServer, scopes: SCOPES, port });
  await test({ server, issuer, tokenEndpoint: realm.tokenEndpoint, bySecret, byKey });
}

Deno.test({
  name: `Keycloak: a confidential client calls a tool, by its secret and by a signed JWT${SKIPPED}`,
  ignore: none,
  fn: () =>
    withRealm(async ({ server, tokenEndpoint, issuer, bySecret, byKey }) => {
      const secret = {
        MCP_CLIENT_ID: bySecret.clientId,
        MCP_CLIENT_SECRET: bySecret.clientSecret,
        MCP_SERVER_URL: server.url,
      };
      const key = {
        MCP_CLIENT_ID: byKey.clientId,
        MCP_PRIVATE_KEY: JSON.stringify(byKey.privateKeyJwk),
        MCP_SERVER_URL: server.url,
      };
      const endpoint = { MCP_AUTH_SERVER_URL: tokenEndpoint, MCP_SCOPE: SCOPES.join(" ") };
      for (
        const [client, env] of [
          [bySecret, secret],
          [bySecret, { ...secret, ...endpoint }],
          [byKey, key],
          [byKey, { ...key, ...endpoint, MCP_AUTH_ISSUER: issuer }],
        ] satisfies [OAuthClient, Record<string, string>][]
      ) {
        const { identity, log } = await askWhoAmI(env);
        assertEquals(identity?.clientId, client.clientId, log);
        for (const scope of SCOPES) assertEquals(identity?.scopes.includes(scope), true);
      }
    }),
});

Deno.test({
  name: `Keycloak: a scope that the realm does not know is reported with what to check${SKIPPED}`,
  ignore: none,
  fn: () =>
    withRealm(async ({ server, bySecret }) => {
      const { error } = await askWhoAmI({
        MCP_CLIENT_ID: bySecret.clientId,
        MCP_CLIENT_SECRET: bySecret.clientSecret,
        MCP_SERVER_URL: server.url,
        MCP_SCOPE: "unheard-of",
      });
      assertEquals(error.data.oauthError, "invalid_scope");
      assertStringIncludes(error.message, "MCP_SCOPE");
    }),
});
