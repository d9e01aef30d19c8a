import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { exportJWK, exportPKCS8, generateKeyPair, type JWK } from "jose";
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from "../parts/authorization_server.ts";
import { type RunningMcpServer, startMcpServer } from "../parts/mcp_server.ts";
import type { ClientAuthMethod, OAuthClient } from "../parts/oauth_clients.ts";
import { askWhoAmI } from "../parts/whoami.ts";

/** The certified authorization server and the official MCP server, with metadata. */
async function withServers(
  test: (parts: { server: RunningMcpServer; authorization: AuthorizationServer }) => Promise<void>,
  clients: OAuthClient[] = [],
) {
  await using authorization = await startAuthorizationServer({ clients });
  await using server = await startMcpServer({ authorizationServer: authorization });
  await test({ server, authorization });
}

function credentialOf({ clientId, clientSecret, privateKeyPem }: OAuthClient) {
  return {
    MCP_CLIENT_ID: clientId,
    ...(clientSecret && { MCP_CLIENT_SECRET: clientSecret }),
    ...(privateKeyPem && { MCP_PRIVATE_KEY: privateKeyPem }),
  };
}

const METHODS: ClientAuthMethod[] = [
  "client_secret_basic",
  "client_secret_post",
  "client_secret_jwt",
  "private_key_jwt",
  "none",
];

for (const method of METHODS) {
  Deno.test(`${method} gets a token, by discovery and at a token endpoint that is set`, () =>
    withServers(async ({ server, authorization }) => {
      const client = authorization.clients[method];
      const env = {
        ...credentialOf(client),
        MCP_SERVER_URL: server.url,
        MCP_AUTH_METHOD: method,
      };
      const discovered = await askWhoAmI(env);
      assertEquals(discovered.identity?.clientId, client.clientId, discovered.log);
      const told = await askWhoAmI({
        ...env,
        MCP_AUTH_SERVER_URL: authorization.tokenEndpoint,
        // An assertion is for the issuer, which a token endpoint does not tell.
        MCP_AUTH_ISSUER: authorization.issuer,
      });
      assertEquals(told.identity?.clientId, client.clientId, told.log);
    }));
}

for (const method of ["client_secret_basic", "private_key_jwt"] as const) {
  Deno.test(`with no method set, the metadata and the credential lead to ${method}`, () =>
    withServers(async ({ server, authorization }) => {
      const client = authorization.clients[method];
      const { identity, log } = await askWhoAmI({
        ...credentialOf(client),
        MCP_SERVER_URL: server.url,
        MCP_LOG_LEVEL: "debug",
      });
      assertEquals(identity?.clientId, client.clientId, log);
      assertStringIncludes(log, `method=${method}`);
    }));
}

/** A client that the authorization server knows by a key of this algorithm, and the whole key. */
async function keyClient(alg: string): Promise<{ client: OAuthClient; jwk: JWK }> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...await exportJWK(privateKey), alg, kid: `${alg}-key` };
  // A server refuses keys with private parts, of which the parts know the one that all keys have.
  const { p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...privateKeyJwk } = jwk;
  const client: OAuthClient = {
    method: "private_key_jwt",
    clientId: `${alg}-client`,
    clientSecret: "",
    privateKeyPem: await exportPKCS8(privateKey),
    privateKeyJwk,
  };
  return { client, jwk };
}

for (const alg of ["RS256", "PS256", "ES256", "EdDSA"]) {
  Deno.test(`a key of ${alg} signs the client's assertion, as PEM and as a JWK in a file`, async () => {
    const { client, jwk } = await keyClient(alg);
    const file = await Deno.makeTempFile({ suffix: ".jwk" });
    try {
      await Deno.writeTextFile(file, JSON.stringify(jwk));
      await withServers(async ({ server }) => {
        const env = {
          MCP_CLIENT_ID: client.clientId,
          MCP_SERVER_URL: server.url,
          MCP_LOG_LEVEL: "debug",
        };
        const pem = await askWhoAmI({
          ...env,
          MCP_PRIVATE_KEY: client.privateKeyPem,
          MCP_PRIVATE_KEY_ALG: alg,
          MCP_PRIVATE_KEY_ID: `${alg}-key`,
        });
        assertEquals(pem.identity?.clientId, client.clientId, pem.log);
        const fromFile = await askWhoAmI({ ...env, MCP_PRIVATE_KEY_FILE: file });
        assertEquals(fromFile.identity?.clientId, client.clientId, fromFile.log);
        for (const { log } of [pem, fromFile]) assert(!log.includes(jwk.d!), "no key in the log");
      }, [client]);
    } finally {
      await Deno.remove(file);
    }
  });
}

Deno.test("an unknown client gets one error that says what to check", () =>
  withServers(async ({ server, authorization }) => {
    const { error } = await askWhoAmI({
      MCP_CLIENT_ID: authorization.clients.client_secret_basic.clientId,
      MCP_CLIENT_SECRET: "not the secret",
      MCP_SERVER_URL: server.url,
    });
    assertEquals(error.data.oauthError, "invalid_client");
    assertStringIncludes(error.message, authorization.tokenEndpoint);
    assertStringIncludes(error.message, "MCP_AUTH_METHOD");
    assertEquals(authorization.tokenRequests.count(), 1);
  }));
