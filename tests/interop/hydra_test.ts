import { jwtReader } from "../parts/token_verifier.ts";
import { createKeyClient, MY_CLIENT, SPECIAL_CLIENT } from "./parts/clients.ts";
import { installGo } from "./parts/install.ts";
import { freePort, startProgram } from "./parts/program.ts";
import { testWays } from "./parts/ways.ts";

const VERSION = "v2.3.0";

Deno.test("Ory Hydra: the ways to a token", async (t) => {
  const hydra = await installGo("hydra", {
    module: "github.com/ory/hydra/v2",
    version: VERSION,
    tags: "sqlite,json1,sqlite_omit_load_extension",
    replace: [
      "github.com/gobuffalo/pop/v6=github.com/ory/pop/v6@v6.2.1-0.20241121111754-e5dfc0f3344b",
    ],
  });
  const [port, adminPort] = [freePort(), freePort()];
  const issuer = `http://127.0.0.1:${port}`;
  await using _running = await startProgram(
    [hydra, "serve", "all", "--dev", "--sqa-opt-out"],
    port,
    {
      env: {
        DSN: "memory",
        URLS_SELF_ISSUER: issuer,
        SERVE_PUBLIC_HOST: "127.0.0.1",
        SERVE_PUBLIC_PORT: `${port}`,
        SERVE_ADMIN_HOST: "127.0.0.1",
        SERVE_ADMIN_PORT: `${adminPort}`,
        STRATEGIES_ACCESS_TOKEN: "jwt",
        SECRETS_SYSTEM: "a key that only this test uses",
      },
    },
  );

  const byPost = { clientId: "post-client", clientSecret: "secret-of-post-client" };
  const byKey = await createKeyClient();
  const clients = [
    { ...MY_CLIENT, method: "client_secret_basic" },
    { ...SPECIAL_CLIENT, method: "client_secret_basic" },
    { ...byPost, method: "client_secret_post" },
    { ...byKey, method: "private_key_jwt" },
  ];
  for (const { clientId, method, ...credential } of clients) {
    const response = await fetch(`http://127.0.0.1:${adminPort}/admin/clients`, {
      method: "POST",
      body: JSON.stringify({
        client_id: clientId,
        grant_types: ["client_credentials"],
        scope: "mcp:tools",
        token_endpoint_auth_method: method,
        ..."clientSecret" in credential ? { client_secret: credential.clientSecret } : {
          jwks: JSON.parse(credential.jwks),
          token_endpoint_auth_signing_alg: "ES256",
        },
      }),
    });
    if (!response.ok) throw new Error(`Hydra: ${response.status} ${await response.text()}`);
    await response.body?.cancel();
  }

  const read = await jwtReader(`${issuer}/.well-known/jwks.json`, {});
  await testWays(t, {
    issuer,
    tokenEndpoint: `${issuer}/oauth2/token`,
    async readToken(token) {
      const { scp, ...claims } = await read(token);
      return { ...claims, scope: (scp as string[]).join(" ") };
    },
    byPost,
    byKey,
  }, {
    name: "Ory Hydra",
    version: VERSION.slice(1),
    needs: "`MCP_TOKEN_PARAMS=audience=…` if the MCP server checks the audience",
    outcomes: {
      "discovery": "yes",
      "issuer": "yes",
      "token endpoint": "yes",
      "basic": "yes",
      "basic, special characters": "yes",
      "post": "yes",
      "key": "no: `invalid_client`",
      "key, token endpoint": "yes",
      "`resource`": "ignored",
      "wrong secret": "`401 invalid_client`",
      "unknown scope": "`400 invalid_scope`",
    },
  });
});
