import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startAuthorizationServer } from "../parts/authorization_server.ts";
import { startMcpServer } from "../parts/mcp_server.ts";
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
    assert(!(await Deno.readTextFile(`${folder}/${files[0]}`)).includes("eyJ"), "encrypted");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
