import { assertEquals, assertNotEquals } from "@std/assert";
import { identityOf, readSettings, SETTINGS } from "../../../src/settings/settings.ts";

/** The identity of a token for settings that are like this. */
async function identityWith(env: Record<string, string>) {
  const variables: Record<string, string> = {
    MCP_CLIENT_ID: "client",
    MCP_CLIENT_SECRET: "secret",
    MCP_SERVER_URL: "https://mcp.example.com/mcp",
    ...env,
  };
  const settings = await readSettings(
    ({ variable }) => variables[variable],
    () => Promise.resolve("text"),
  );
  return identityOf(settings);
}

/** What tells tokens apart, with what must be set too. */
const DIFFERENCES: Readonly<Record<string, Record<string, string>>> = {
  MCP_CLIENT_ID: { MCP_CLIENT_ID: "other" },
  MCP_GRANT: { MCP_GRANT: "jwt-bearer", MCP_ASSERTION_FILE: "/jwt" },
  MCP_SCOPE: { MCP_SCOPE: "read" },
  MCP_RESOURCE: { MCP_RESOURCE: "https://other.example" },
  MCP_TOKEN_PARAMS: { MCP_TOKEN_PARAMS: "audience=x" },
  MCP_ASSERTION_FILE: { MCP_ASSERTION_FILE: "/jwt" },
  MCP_ASSERTION_COMMAND: { MCP_ASSERTION_COMMAND: "jwt" },
  MCP_ID_TOKEN_FILE: { MCP_ID_TOKEN_FILE: "/id" },
  MCP_ID_TOKEN_COMMAND: { MCP_ID_TOKEN_COMMAND: "id" },
  MCP_ID_TOKEN_TYPE: { MCP_ID_TOKEN_TYPE: "saml2" },
  MCP_IDP_ISSUER: { MCP_IDP_ISSUER: "https://idp.example.com" },
  MCP_IDP_TOKEN_URL: { MCP_IDP_TOKEN_URL: "https://idp.example.com/token" },
  MCP_IDP_CLIENT_ID: { MCP_IDP_CLIENT_ID: "other" },
};

Deno.test("each setting that the table marks tells tokens apart, and no token of another is shared", async () => {
  const marked = SETTINGS.filter(({ identity }) => identity).map(({ variable }) => variable);
  assertEquals(marked.sort(), Object.keys(DIFFERENCES).sort());
  const plain = await identityWith({});
  for (const [variable, env] of Object.entries(DIFFERENCES)) {
    assertNotEquals(await identityWith(env), plain, variable);
  }
});

Deno.test("parameters with different values tell tokens apart", async () => {
  assertNotEquals(
    await identityWith({ MCP_TOKEN_PARAMS: "audience=one" }),
    await identityWith({ MCP_TOKEN_PARAMS: "audience=two" }),
  );
});

Deno.test("settings that have nothing to do with the token do not keep it from being shared", async () => {
  const other = { MCP_LOG_LEVEL: "debug", MCP_MAX_IN_FLIGHT: "3", MCP_TOOLS_DENY: "x" };
  assertEquals(await identityWith(other), await identityWith({}));
});
