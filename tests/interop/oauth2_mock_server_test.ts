import { jwtReader } from "../parts/token_verifier.ts";
import { installNpm, npmVersion } from "./parts/install.ts";
import { freePort, startProgram } from "./parts/program.ts";
import { testWays } from "./parts/ways.ts";

const program = new URL(import.meta.resolve("./node/oauth2_mock_server.mjs")).pathname;

Deno.test("oauth2-mock-server: the ways to a token", async (t) => {
  const folder = await installNpm("oauth2-mock-server", ["oauth2-mock-server@^9.3.0"]);
  const port = freePort();
  const issuer = `http://127.0.0.1:${port}`;
  await using _running = await startProgram(["node", program, folder], port, {
    env: { PORT: `${port}` },
  });
  await testWays(t, {
    issuer,
    tokenEndpoint: `${issuer}/token`,
    readToken: await jwtReader(`${issuer}/jwks`, { issuer }),
  }, {
    name: "oauth2-mock-server",
    version: await npmVersion(folder, "oauth2-mock-server"),
    needs: "nothing; it checks no secret",
    outcomes: {
      "discovery": "yes",
      "issuer": "yes",
      "token endpoint": "yes",
      "basic": "yes",
      "basic, special characters": "yes",
      "post": "yes",
      "key": "–",
      "key, token endpoint": "–",
      "`resource`": "becomes `aud`",
      "wrong secret": "accepted",
      "unknown scope": "ignored",
    },
  });
});
