import { jwtReader } from "../parts/token_verifier.ts";
import { createKeyClient, MY_CLIENT, SPECIAL_CLIENT } from "./parts/clients.ts";
import { compileJava, installMaven } from "./parts/install.ts";
import { freePort, JAVA, startProgram } from "./parts/program.ts";
import { testWays } from "./parts/ways.ts";

/** Of Spring Boot, whose starter has the authorization server of the same Spring Security. */
const VERSION = "4.1.2";

const file = new URL(import.meta.resolve("./java/SpringAuthorizationServer.java")).pathname;

Deno.test("Spring Authorization Server: the ways to a token", async (t) => {
  const folder = await installMaven("spring", [
    `org.springframework.boot:spring-boot-starter-security-oauth2-authorization-server:${VERSION}`,
  ]);
  const classPath = await compileJava(folder, file);
  const byKey = await createKeyClient();
  await using keys = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(byKey.jwks, { headers: { "content-type": "application/json" } }),
  );

  const port = freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const registration = {
    "authorization-grant-types": "client_credentials",
    scopes: "mcp:tools",
  };
  const bySecret = [MY_CLIENT, SPECIAL_CLIENT].map(({ clientId, clientSecret }) => [clientId, {
    registration: {
      ...registration,
      "client-id": clientId,
      "client-secret": `{noop}${clientSecret}`,
      "client-authentication-methods": "client_secret_basic,client_secret_post",
    },
  }]);
  const settings = {
    server: { port, address: "127.0.0.1" },
    "spring.security.oauth2.authorizationserver": {
      issuer,
      client: {
        ...Object.fromEntries(bySecret),
        [byKey.clientId]: {
          "jwk-set-uri": `http://127.0.0.1:${keys.addr.port}/`,
          "token-endpoint-authentication-signing-algorithm": "ES256",
          registration: {
            ...registration,
            "client-id": byKey.clientId,
            "client-authentication-methods": "private_key_jwt",
          },
        },
      },
    },
  };
  await using _running = await startProgram(
    ["java", ...JAVA, ...classPath, "interop.SpringAuthorizationServer"],
    port,
    { env: { SPRING_APPLICATION_JSON: JSON.stringify(settings) }, patience: 180 },
  );

  const read = await jwtReader(`${issuer}/oauth2/jwks`, { issuer });
  await testWays(t, {
    issuer,
    tokenEndpoint: `${issuer}/oauth2/token`,
    async readToken(token) {
      const { sub, scope, ...claims } = await read(token);
      return { ...claims, client_id: sub, scope: (scope as string[]).join(" ") };
    },
    byKey,
  }, {
    name: "Spring Authorization Server",
    version: VERSION,
    needs: "nothing; a token customizer at the server, if the MCP server checks the audience",
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
      "wrong secret": "`401 invalid_client`",
      "unknown scope": "`400 invalid_scope`",
    },
  });
});
