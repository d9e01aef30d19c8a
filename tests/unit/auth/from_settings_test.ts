import { assertEquals } from "@std/assert";
import { authorizationFrom } from "../../../src/auth/from_settings.ts";
import { createRedaction } from "../../../src/log/redaction.ts";
import { readSettings } from "../../../src/settings/settings.ts";
import { fakeHttp, keptLog } from "../../parts/fake_http.ts";

const ORIGIN = "https://mcp.example.com";
const ONE = "https://one.example";
const TWO = "https://two.example";

/** What happens where the server names two authorization servers. */
async function challengedWith(env: Record<string, string>, one: unknown, two: unknown) {
  const metadata = (issuer: string, members: unknown) => () =>
    Response.json({ issuer, token_endpoint: `${issuer}/token`, ...members as object });
  const { http, asked } = fakeHttp({
    [`${ORIGIN}/.well-known/oauth-protected-resource/mcp`]: () =>
      Response.json({ resource: `${ORIGIN}/mcp`, authorization_servers: [ONE, TWO] }),
    [`${ONE}/.well-known/oauth-authorization-server`]: metadata(ONE, one),
    [`${TWO}/.well-known/oauth-authorization-server`]: metadata(TWO, two),
  });
  const variables: Record<string, string> = {
    MCP_CLIENT_ID: "id",
    MCP_CLIENT_SECRET: "secret",
    MCP_SERVER_URL: `${ORIGIN}/mcp`,
    ...env,
  };
  const none = () => Promise.reject(new Error("not needed"));
  const log = keptLog();
  const authorization = authorizationFrom(
    await readSettings(({ variable }) => variables[variable], none),
    {
      machine: { readTextFile: none, run: none, privateFiles: none },
      http,
      plainHttp: http,
      log,
      redaction: createRedaction(),
    },
  );
  // There is no token; which server was asked for one is what counts.
  for (let i = 0; i < 2; i++) {
    await authorization.challenged({ status: 401, forTokens: true }, undefined).catch(() => {});
  }
  return {
    endpoint: asked.find((request) => request.startsWith("POST ")),
    warnings: log.lines.filter((line) => line.startsWith("warn")),
  };
}

/** The token endpoint that is asked. */
async function endpointOf(env: Record<string, string>, one: unknown, two: unknown) {
  return (await challengedWith(env, one, two)).endpoint;
}

Deno.test("there is no warning if the issuer is pinned, or if the secret is never sent", async () => {
  const jwt = { token_endpoint_auth_methods_supported: ["client_secret_jwt"] };
  assertEquals((await challengedWith({ MCP_AUTH_ISSUER: ONE }, {}, {})).warnings, []);
  assertEquals((await challengedWith({}, jwt, jwt)).warnings, []);
});

Deno.test("there is no warning if the credential goes to the MCP server's own origin", async () => {
  const own = { token_endpoint: `${ORIGIN}/token` };
  assertEquals((await challengedWith({}, own, own)).warnings, []);
});

Deno.test("of several authorization servers, MCP_AUTH_METHOD selects the first that lists the method", async () => {
  const asked = await endpointOf(
    { MCP_AUTH_METHOD: "client_secret_post" },
    { token_endpoint_auth_methods_supported: ["client_secret_basic"] },
    { token_endpoint_auth_methods_supported: ["client_secret_post"] },
  );
  assertEquals(asked, `POST ${TWO}/token`);
});

Deno.test("of several authorization servers, MCP_DPOP selects the first that lists DPoP", async () => {
  const lists = { dpop_signing_alg_values_supported: ["ES256"] };
  assertEquals(await endpointOf({ MCP_DPOP: "true" }, {}, lists), `POST ${TWO}/token`);
  assertEquals(await endpointOf({}, {}, lists), `POST ${ONE}/token`);
});

Deno.test("a method that no server lists is tried at the first, by the user's word", async () => {
  const asked = await endpointOf({ MCP_AUTH_METHOD: "client_secret_post" }, {}, {});
  assertEquals(asked, `POST ${ONE}/token`);
});
