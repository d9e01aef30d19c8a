import { assertEquals } from "@std/assert";
import * as oauth from "oauth4webapi";
import { startAuthorizationServer } from "../../parts/authorization_server.ts";
import { requestToken } from "../../parts/request_token.ts";

// The real parts, driven without the proxy: when these pass and a test of the proxy does not, it is
// the proxy.

for (
  const method of [
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "none",
  ] as const
) {
  Deno.test(`the authorization server gives a token to the client of ${method}`, async () => {
    await using server = await startAuthorizationServer({ tokenLifetime: 60 });
    server.protect("https://mcp.example/mcp", ["mcp:tools"]);
    const token = await requestToken(server, method, { scope: "mcp:tools" });
    assertEquals(token.token_type, "bearer");
    assertEquals(token.expires_in, 60);
    assertEquals(token.scope, "mcp:tools");
    const payload = JSON.parse(atob(token.access_token.split(".")[1]));
    assertEquals(payload.aud, "https://mcp.example/mcp");
    assertEquals([...server.tokenRequests].map(({ clientId, status }) => ({ clientId, status })), [
      { clientId: server.clients[method].clientId, status: 200 },
    ]);
  });
}

Deno.test("a wrong secret, an unknown resource and an unknown client are refused and recorded", async () => {
  await using server = await startAuthorizationServer();
  server.protect("https://mcp.example/mcp", []);
  const { clientId, clientSecret } = server.clients.client_secret_post;
  const request = async (parameters: Record<string, string>) => {
    const body = new URLSearchParams({ grant_type: "client_credentials", ...parameters });
    const response = await fetch(server.tokenEndpoint, { method: "POST", body });
    return { status: response.status, error: (await response.json()).error };
  };
  const results = [
    await request({ client_id: clientId, client_secret: "wrong" }),
    await request({
      client_id: clientId,
      client_secret: clientSecret,
      resource: "https://no.example/",
    }),
    await request({ client_id: "nobody", client_secret: clientSecret }),
  ];
  assertEquals(results, [
    { status: 401, error: "invalid_client" },
    { status: 400, error: "invalid_target" },
    { status: 401, error: "invalid_client" },
  ]);
  const recorded = [...server.tokenRequests].map(({ status, error }) => ({ status, error }));
  assertEquals(recorded, results);
});

Deno.test("a DPoP nonce is demanded where it is switched on, and the token is bound to the key", async () => {
  await using server = await startAuthorizationServer({ dpopNonce: true });
  server.protect("https://mcp.example/mcp", []);
  const DPoP = oauth.DPoP({}, await oauth.generateKeyPair("ES256"));
  const token = await requestToken(server, "client_secret_basic", {}, DPoP).catch((error) => {
    if (!oauth.isDPoPNonceError(error)) throw error;
    return requestToken(server, "client_secret_basic", {}, DPoP);
  });
  assertEquals(token.token_type, "dpop");
  assertEquals([...server.tokenRequests].map(({ dpop, error }) => ({ dpop, error })), [
    { dpop: true, error: "use_dpop_nonce" },
    { dpop: true, error: undefined },
  ]);
});

Deno.test("metadata of an issuer with a path is searched at the URLs of each specification, and only there", async () => {
  const places = {
    "oauth": "/.well-known/oauth-authorization-server/realms/test",
    "openid": "/.well-known/openid-configuration/realms/test",
    "openid-appended": "/realms/test/.well-known/openid-configuration",
  };
  for (const place of Object.keys(places) as (keyof typeof places)[]) {
    await using server = await startAuthorizationServer({
      path: "/realms/test",
      metadataAt: [place],
    });
    const { origin } = new URL(server.issuer);
    for (const [name, path] of Object.entries(places)) {
      const response = await fetch(origin + path);
      assertEquals(response.status, name === place ? 200 : 404, path);
      const body = await response.text();
      if (name !== place) continue;
      assertEquals(JSON.parse(body).issuer, server.issuer);
      assertEquals(JSON.parse(body).token_endpoint, server.tokenEndpoint);
    }
  }
});
