import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startMcpServer } from "../parts/mcp_server.ts";
import { jwtReader } from "../parts/token_verifier.ts";
import { askWhoAmI } from "../parts/whoami.ts";
import { createKeyClient, type KeyClient, MY_CLIENT, SPECIAL_CLIENT } from "./parts/clients.ts";
import { installMavenZip } from "./parts/install.ts";
import { freePort, JAVA, startProgram } from "./parts/program.ts";
import { testWays } from "./parts/ways.ts";

const VERSION = "26.7.3";

/** Starts Keycloak with a realm for the MCP server. Needs Java 17 or later. */
async function startKeycloak(byKey: KeyClient, resource: string, features: readonly string[] = []) {
  const folder = await installMavenZip(
    "keycloak",
    `org.keycloak:keycloak-quarkus-dist:${VERSION}:zip`,
  );
  const port = freePort();
  const home = `${folder}/keycloak-${VERSION}`;
  const program = await startProgram(
    [
      ...["bash", `${home}/bin/kc.sh`, "start-dev", "--db=dev-mem"],
      "--http-host=127.0.0.1",
      `--http-port=${port}`,
      ...features.map((name) => `--features=${name}`),
    ],
    port,
    {
      env: {
        KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN,
        KC_BOOTSTRAP_ADMIN_PASSWORD: ADMIN,
        JAVA_OPTS_APPEND: JAVA.join(" "),
      },
      patience: 300,
      signal: "SIGTERM",
    },
  );
  const origin = `http://127.0.0.1:${port}`;
  const issuer = `${origin}/realms/mcp`;
  await createRealm(origin, byKey, resource);
  const jwksUri = `${issuer}/protocol/openid-connect/certs`;
  return {
    origin,
    issuer,
    tokenEndpoint: `${issuer}/protocol/openid-connect/token`,
    jwksUri,
    readToken: await jwtReader(jwksUri, { issuer, audience: resource }),
    byKey,
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

const ADMIN = "admin";

/** A realm with a client scope that makes tokens for the MCP server, and the clients. */
async function createRealm(origin: string, byKey: KeyClient, resource: string): Promise<void> {
  const login = await fetch(`${origin}/realms/master/protocol/openid-connect/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "password",
      client_id: "admin-cli",
      username: ADMIN,
      password: ADMIN,
    }),
  });
  const { access_token } = await login.json();
  const headers = {
    authorization: `Bearer ${access_token}`,
    "content-type": "application/json",
  };
  const serviceAccount = {
    serviceAccountsEnabled: true,
    standardFlowEnabled: false,
    optionalClientScopes: ["mcp:tools"],
  };
  const response = await fetch(`${origin}/admin/realms`, {
    method: "POST",
    headers,
    body: JSON.stringify({
      realm: "mcp",
      enabled: true,
      clientScopes: [{
        name: "mcp:tools",
        protocol: "openid-connect",
        attributes: { "include.in.token.scope": "true" },
        protocolMappers: [{
          name: "audience",
          protocol: "openid-connect",
          protocolMapper: "oidc-audience-mapper",
          config: { "included.custom.audience": resource, "access.token.claim": "true" },
        }],
      }],
      clients: [
        ...[MY_CLIENT, SPECIAL_CLIENT].map(({ clientId, clientSecret }) => ({
          ...serviceAccount,
          clientId,
          secret: clientSecret,
        })),
        {
          ...serviceAccount,
          clientId: byKey.clientId,
          clientAuthenticatorType: "client-jwt",
          attributes: {
            "use.jwks.string": "true",
            "jwks.string": byKey.jwks,
            "token.endpoint.auth.signing.alg": "ES256",
          },
        },
      ],
    }),
  });
  if (!response.ok) throw new Error(`Keycloak: ${response.status} ${await response.text()}`);
  await response.body?.cancel();
}

Deno.test("Keycloak: the ways to a token", async (t) => {
  const mcpPort = freePort();
  const resource = `http://127.0.0.1:${mcpPort}/mcp`;
  await using keycloak = await startKeycloak(await createKeyClient(), resource);
  await testWays(t, keycloak, {
    name: "Keycloak",
    version: VERSION,
    needs: "nothing, if a client scope of the client has an audience mapper",
    outcomes: {
      "discovery": "yes",
      "issuer": "yes",
      "token endpoint": "yes",
      "basic": "yes",
      "basic, special characters": "yes",
      "post": "yes",
      "key": "yes",
      "key, token endpoint": "yes",
      "`resource`": "ignored",
      "wrong secret": "`401 unauthorized_client`",
      "unknown scope": "`400 invalid_scope`",
    },
  }, mcpPort);

  const { origin, issuer, tokenEndpoint } = keycloak;
  const secret = { MCP_CLIENT_ID: MY_CLIENT.clientId, MCP_CLIENT_SECRET: MY_CLIENT.clientSecret };
  const wrongEndpoints = {
    "the realm's URL": issuer,
    "a realm that does not exist": tokenEndpoint.replace("/mcp/", "/other/"),
    "the prefix /auth of old versions": tokenEndpoint.replace(origin, `${origin}/auth`),
    "the authorization endpoint": tokenEndpoint.replace(/token$/, "auth"),
    "a misspelt path": `${tokenEndpoint}s`,
  };
  for (const [what, url] of Object.entries(wrongEndpoints)) {
    await t.step(`MCP_AUTH_SERVER_URL is ${what}: the error names the setting`, async () => {
      await using server = await startMcpServer({ authorizationServer: keycloak });
      const env = { ...secret, MCP_SERVER_URL: server.url, MCP_AUTH_SERVER_URL: url };
      const { error, log } = await askWhoAmI(env);
      assertStringIncludes(error?.message ?? "", "MCP_AUTH_SERVER_URL", log);
    });
  }
});

Deno.test("Keycloak with resource-indicators: MCP_RESOURCE=none if the resource is unknown", async () => {
  const mcpPort = freePort();
  const resource = `http://127.0.0.1:${mcpPort}/mcp`;
  const byKey = await createKeyClient();
  await using keycloak = await startKeycloak(byKey, resource, ["resource-indicators"]);
  await using server = await startMcpServer({
    authorizationServer: keycloak,
    scopes: ["mcp:tools"],
    port: mcpPort,
  });
  const env = {
    MCP_CLIENT_ID: MY_CLIENT.clientId,
    MCP_CLIENT_SECRET: MY_CLIENT.clientSecret,
    MCP_SERVER_URL: server.url,
    MCP_AUTH_ISSUER: keycloak.issuer,
  };
  const discovered = await askWhoAmI(env);
  assertEquals(discovered.error?.data.oauthError, "invalid_target", discovered.log);
  assertStringIncludes(discovered.error.message, "MCP_RESOURCE");
  const { identity, log } = await askWhoAmI({ ...env, MCP_RESOURCE: "none" });
  assert(identity, log);
});
