import { assertEquals, assertStringIncludes } from "@std/assert";
import { startAuthorizationServer } from "../parts/authorization_server.ts";
import { startDPoPServer } from "../parts/dpop_server.ts";
import { startMcpServer } from "../parts/mcp_server.ts";
import { startProxy } from "../parts/proxy.ts";
import { token } from "../parts/scripted_answers.ts";
import { call, initialize, notification, withProxy } from "../parts/scripted_proxy.ts";
import { askWhoAmI } from "../parts/whoami.ts";

Deno.test("tokens are bound to a key, with nonces of both servers, and each request has its proof", async () => {
  await using authorization = await startAuthorizationServer({ dpopNonce: true });
  await using server = startDPoPServer(authorization);
  const { clientId, clientSecret } = authorization.clients.client_secret_basic;
  await using proxy = startProxy({
    env: {
      MCP_CLIENT_ID: clientId,
      MCP_CLIENT_SECRET: clientSecret,
      MCP_SERVER_URL: `${server.url}?tenant=1`,
      MCP_AUTH_ISSUER: authorization.issuer,
      MCP_RESOURCE: server.url,
      MCP_DPOP: "true",
    },
  });
  await proxy.send(initialize());
  assertEquals((await proxy.response("initialize")).message.result?.serverInfo.name, "dpop");
  await proxy.send(notification("notifications/initialized"));
  await proxy.send(call(1));
  assertEquals((await proxy.response(1)).message.error, undefined);

  server.changeNonce();
  await proxy.send(call(2));
  assertEquals((await proxy.response(2)).message.error, undefined);

  // One refusal for want of a nonce, one token; the new nonce of the MCP server needs no new token.
  const seen = [...authorization.tokenRequests].map(({ error, dpop }) => ({ error, dpop }));
  assertEquals(seen, [{ error: "use_dpop_nonce", dpop: true }, { error: undefined, dpop: true }]);
  assertEquals(new Set(server.proofs).size, server.proofs.length);
});

for (const token_type of ["Bearer", undefined]) {
  Deno.test(`the token of a server that does not bind it to a key is refused: token_type ${token_type}`, async () => {
    await using authorization = await startAuthorizationServer();
    await using server = await startMcpServer({ authorizationServer: authorization });
    await using tokens = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () => Response.json({ access_token: "unbound", token_type }),
    );
    const { error } = await askWhoAmI({
      MCP_CLIENT_ID: "client",
      MCP_CLIENT_SECRET: "secret",
      MCP_SERVER_URL: server.url,
      MCP_AUTH_SERVER_URL: `http://127.0.0.1:${tokens.addr.port}/token`,
      MCP_DPOP: "true",
    });
    assertStringIncludes(error.message, "MCP_DPOP");
    assertEquals(server.requests.count(({ method }) => method === "POST"), 0);
  });
}

Deno.test("headers of the user's own stay with a token that is bound to a key", () =>
  withProxy({ token: () => token({ token_type: "DPoP" }) }, ({ server }) => {
    const [{ headers }] = server.received("initialize");
    assertEquals(headers["user-agent"], "my-agent/1");
    assertEquals(headers.authorization?.split(" ")[0], "DPoP");
  }, { env: { MCP_DPOP: "true", MCP_HEADERS: "User-Agent: my-agent/1" } }));
