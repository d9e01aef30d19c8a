import { CLIENTS, introspection } from "./parts/clients.ts";
import { installNpm, npmVersion } from "./parts/install.ts";
import { freePort, startProgram } from "./parts/program.ts";
import { testWays } from "./parts/ways.ts";

const program = new URL(import.meta.resolve("./node/node_oauth_server.mjs")).pathname;

Deno.test("@node-oauth/oauth2-server: the ways to a token", async (t) => {
  const folder = await installNpm("node-oauth-server", ["@node-oauth/oauth2-server@^5.3.0"]);
  const port = freePort();
  const issuer = `http://127.0.0.1:${port}`;
  await using _running = await startProgram(["node", program, folder], port, {
    env: {
      PORT: `${port}`,
      ...CLIENTS,
    },
  });
  await testWays(t, {
    issuer,
    tokenEndpoint: `${issuer}/token`,
    readToken: introspection(`${issuer}/introspect`),
  }, {
    name: "@node-oauth/oauth2-server",
    version: await npmVersion(folder, "@node-oauth/oauth2-server"),
    needs: "`MCP_AUTH_METHOD=client_secret_post` if the secret has special characters",
    outcomes: {
      "discovery": "yes",
      "issuer": "yes",
      "token endpoint": "yes",
      "basic": "yes",
      "basic, special characters": "no: `invalid_client`",
      "post": "yes",
      "key": "–",
      "key, token endpoint": "–",
      "`resource`": "ignored",
      "wrong secret": "`401 invalid_client`",
      "unknown scope": "`400 invalid_scope`",
    },
  });
});
