import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startAuthorizationServer } from "../parts/authorization_server.ts";
import { startMcpServer } from "../parts/mcp_server.ts";
import { token } from "../parts/scripted_answers.ts";
import { withProxy } from "../parts/scripted_proxy.ts";
import { startScriptedServer } from "../parts/scripted_server.ts";
import { askWhoAmI } from "../parts/whoami.ts";

Deno.test("proxies that start together share a token, until the MCP server refuses it", async () => {
  await using authorization = await startAuthorizationServer();
  await using server = await startMcpServer({ authorizationServer: authorization });
  const { clientId, clientSecret } = authorization.clients.client_secret_basic;
  const folder = await Deno.makeTempDir();
  const env = {
    MCP_CLIENT_ID: clientId,
    MCP_CLIENT_SECRET: clientSecret,
    MCP_SERVER_URL: server.url,
    MCP_TOKEN_CACHE: folder,
  };
  try {
    const together = await Promise.all([askWhoAmI(env), askWhoAmI(env), askWhoAmI(env)]);
    for (const { identity, log } of together) assertEquals(identity?.clientId, clientId, log);
    assertEquals(authorization.tokenRequests.count(), 1);

    const later = await askWhoAmI(env);
    assertEquals(later.identity?.clientId, clientId);
    assertStringIncludes(later.log, "Token taken from the cache");
    assertEquals(authorization.tokenRequests.count(), 1);

    server.revokeTokens();
    assertEquals((await askWhoAmI(env)).identity?.clientId, clientId);
    assertEquals((await askWhoAmI(env)).identity?.clientId, clientId);
    assertEquals(authorization.tokenRequests.count(), 2);

    const files = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assertEquals(files.length, 1);
    // Ciphertext may have `eyJ` in it by chance, but not two parts of a JWT.
    assert(!/eyJ[\w-]*\.eyJ/.test(await Deno.readTextFile(`${folder}/${files[0]}`)), "encrypted");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a token that speaks for one identity does not serve another of the same client", async () => {
  const folder = await Deno.makeTempDir();
  const authorizationOf = async (who: string) => {
    const path = `${folder}/${who}.jwt`;
    await Deno.writeTextFile(path, who);
    const env = {
      MCP_GRANT: "jwt-bearer",
      MCP_ASSERTION_FILE: path,
      MCP_TOKEN_CACHE: `${folder}/cache`,
      // Both are given tokens by the same authorization server.
      MCP_AUTH_SERVER_URL: authorization.tokenEndpoint,
    };
    let seen: string | undefined;
    await withProxy({}, ({ server }) => {
      seen = server.received("initialize")[0].headers.authorization;
    }, { env });
    return seen;
  };
  await using authorization = await startScriptedServer({
    token: ({ body }) =>
      token({ access_token: `of-${new URLSearchParams(body).get("assertion")}` }),
  });
  try {
    assertEquals(await authorizationOf("alice"), "Bearer of-alice");
    assertEquals(await authorizationOf("bob"), "Bearer of-bob");
    assertEquals(await authorizationOf("alice"), "Bearer of-alice");
    assertEquals(authorization.received("token").length, 2);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
