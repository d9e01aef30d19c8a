import { withFolder } from "../parts/run_command.ts";
import { CLIENTS, introspection } from "./parts/clients.ts";
import { installPython, pythonVersion } from "./parts/install.ts";
import { freePort, startProgram } from "./parts/program.ts";
import { testWays } from "./parts/ways.ts";

const program = new URL(import.meta.resolve("./python/django_oauth_toolkit.py")).pathname;

Deno.test("django-oauth-toolkit: the ways to a token", (t) =>
  withFolder(async (folder) => {
    const python = await installPython("dot", ["django-oauth-toolkit>=3.4,<4"]);
    const port = freePort();
    const origin = `http://127.0.0.1:${port}`;
    await using _running = await startProgram([python, program, `${folder}/db.sqlite`], port, {
      env: {
        PORT: `${port}`,
        ...CLIENTS,
      },
    });
    await testWays(t, {
      issuer: `${origin}/o`,
      tokenEndpoint: `${origin}/o/token/`,
      readToken: introspection(`${origin}/o/introspect/`),
    }, {
      name: "django-oauth-toolkit",
      version: await pythonVersion(python, "django-oauth-toolkit"),
      needs: "nothing; `MCP_AUTH_SERVER_URL` ends with `/`",
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
        "wrong secret": "`401 invalid_client`",
        "unknown scope": "`400 invalid_scope`",
      },
    });
  }));
