import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { authorizationFrom } from "../../src/auth/from_settings.ts";
import { createRedaction } from "../../src/log/redaction.ts";
import { readSettings } from "../../src/settings/settings.ts";
import { fakeHttp, keptLog } from "../parts/fake_http.ts";

const ORIGIN = "https://mcp.example.com";
const NAMED = "https://named.example";
const OWN = "https://own.example";

/** An authorization server's metadata, at its place. */
function metadataOf(issuer: string): Parameters<typeof fakeHttp>[0] {
  return {
    [`${issuer}/.well-known/oauth-authorization-server`]: () =>
      Response.json({ issuer, token_endpoint: `${issuer}/token` }),
  };
}

/** The metadata of an MCP server that names {@linkcode NAMED}. */
const RESOURCE: Parameters<typeof fakeHttp>[0] = {
  [`${ORIGIN}/.well-known/oauth-protected-resource/mcp`]: () =>
    Response.json({ resource: `${ORIGIN}/mcp`, authorization_servers: [NAMED] }),
};

/** What happens if the MCP server asks for a token, and these pages exist. */
async function challenged(
  pages: Parameters<typeof fakeHttp>[0],
  env: Record<string, string> = {},
) {
  const { http, asked, bodies } = fakeHttp(pages);
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
  const errors: string[] = [];
  for (let i = 0; i < 2; i++) {
    await authorization.challenged({ status: 401, forTokens: true }, undefined)
      .catch((error) => errors.push(String(error)));
  }
  return {
    /** Where the secret was sent. */
    posted: asked.filter((request) => request.startsWith("POST ")),
    bodies,
    warnings: log.lines.filter((line) => line.startsWith("warn")),
    errors,
  };
}

Deno.test("A server names an authorization server of another origin, and `MCP_AUTH_ISSUER` is not set: it gets the secret; one warning names it and the setting that pins it", async () => {
  const { posted, warnings } = await challenged({ ...RESOURCE, ...metadataOf(NAMED) });
  assert(posted.length > 0 && posted.every((request) => request === `POST ${NAMED}/token`));
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0], `MCP_AUTH_ISSUER=${NAMED}`);
});

Deno.test("A server names another authorization server than `MCP_AUTH_ISSUER`: nothing is sent there", async () => {
  const pages = { ...RESOURCE, ...metadataOf(NAMED), ...metadataOf(OWN) };
  const { posted, warnings } = await challenged(pages, { MCP_AUTH_ISSUER: OWN });
  assert(posted.length > 0 && posted.every((request) => request === `POST ${OWN}/token`));
  assertStringIncludes(warnings[0], `names ${NAMED}`);
});

Deno.test("A server asks for a token and publishes no metadata: the secret is sent to nobody; the error names the settings", async () => {
  const { posted, bodies, errors } = await challenged({});
  // The probe of 2025-03-26's token endpoint at the server's own origin has no credential in it.
  assert(posted.every((request) => request === `POST ${ORIGIN}/token`));
  assertEquals(new Set(bodies), new Set(["grant_type=client_credentials"]));
  assertStringIncludes(errors[0], "MCP_AUTH_SERVER_URL");
  assertStringIncludes(errors[0], "MCP_AUTH_ISSUER");
});
