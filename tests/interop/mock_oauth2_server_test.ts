import { jwtReader } from "../parts/token_verifier.ts";
import { createKeyClient } from "./parts/clients.ts";
import { installMaven } from "./parts/install.ts";
import { freePort, JAVA, startProgram } from "./parts/program.ts";
import { testWays } from "./parts/ways.ts";

const VERSION = "6.0.2";

Deno.test("mock-oauth2-server: the ways to a token", async (t) => {
  const folder = await installMaven("mock-oauth2-server", [
    `no.nav.security:mock-oauth2-server:${VERSION}`,
  ]);
  const port = freePort();
  const mcpPort = freePort();
  const issuer = `http://127.0.0.1:${port}/default`;
  const main = "no.nav.security.mock.oauth2.StandaloneMockOAuth2ServerKt";
  await using _running = await startProgram(
    ["java", ...JAVA, "-cp", `${folder}/lib/*`, main],
    port,
    { env: { SERVER_HOSTNAME: "127.0.0.1", SERVER_PORT: `${port}` }, patience: 180 },
  );
  const read = await jwtReader(`${issuer}/jwks`, { issuer });
  await testWays(t, {
    issuer,
    tokenEndpoint: `${issuer}/token`,
    async readToken(token) {
      const { sub, ...claims } = await read(token);
      return { ...claims, client_id: sub, scope: "mcp:tools" };
    },
    byKey: await createKeyClient(),
  }, {
    name: "mock-oauth2-server",
    version: VERSION,
    needs: "nothing; it checks no secret or key, and the scope becomes `aud`",
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
      "wrong secret": "accepted",
      "unknown scope": "ignored",
    },
  }, mcpPort);
});
