import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from "../parts/authorization_server.ts";
import { askWhoAmI } from "../parts/whoami.ts";
import { installPython } from "./parts/install.ts";
import { freePort, startProgram } from "./parts/program.ts";

// FastMCP servers with each kind of authorization that FastMCP has for them.

const program = new URL(import.meta.resolve("./python/fastmcp_server.py")).pathname;

/** A server in front of oidc-provider, whose tokens name the client and the MCP server. */
async function withServer(
  kind: "remote" | "proxy" | "both",
  test: (
    authorizationServer: AuthorizationServer,
    base: Record<string, string>,
  ) => Promise<void>,
) {
  const python = await installPython("fastmcp", ["fastmcp>=4,<5"]);
  await using authorizationServer = await startAuthorizationServer();
  const { issuer, jwksUri, clients: { client_secret_basic: { clientId, clientSecret } } } =
    authorizationServer;
  const port = freePort();
  const url = `http://127.0.0.1:${port}/mcp`;
  authorizationServer.protect(url, ["mcp:tools"]);
  await using _running = await startProgram([python, program, kind], port, {
    env: {
      PORT: `${port}`,
      ISSUER: issuer,
      JWKS_URI: jwksUri,
    },
  });
  const base = { MCP_CLIENT_ID: clientId, MCP_CLIENT_SECRET: clientSecret, MCP_SERVER_URL: url };
  await test(authorizationServer, base);
}

Deno.test("FastMCP with a RemoteAuthProvider: by discovery, and by MCP_AUTH_ISSUER", () =>
  withServer("remote", async ({ issuer }, base) => {
    for (const env of [base, { ...base, MCP_AUTH_ISSUER: issuer }]) {
      const { identity, error, log } = await askWhoAmI(env);
      assertEquals(identity?.clientId, base.MCP_CLIENT_ID, `${JSON.stringify(error)}\n${log}`);
    }
  }));

Deno.test("FastMCP with an OAuthProxy: client credentials are refused, and the error says why", () =>
  withServer("proxy", async ({ issuer }, base) => {
    const discovered = await askWhoAmI(base);
    assertEquals(discovered.error?.data.oauthError, "invalid_client", discovered.log);

    const issued = await askWhoAmI({ ...base, MCP_AUTH_ISSUER: issuer });
    assertEquals(issued.error?.data.status, 401, issued.log);
    assertStringIncludes(issued.error.message, "The server says: Authentication failed");
    assertStringIncludes(
      issued.log,
      `as authorization server; using ${issuer} from MCP_AUTH_ISSUER`,
    );
  }));

Deno.test("FastMCP with an OAuthProxy and a verifier for machines: by MCP_AUTH_ISSUER", () =>
  withServer("both", async ({ issuer }, base) => {
    const { identity, error, log } = await askWhoAmI({ ...base, MCP_AUTH_ISSUER: issuer });
    assertEquals(identity?.scopes, ["mcp:tools"], `${JSON.stringify(error)}\n${log}`);
    assertStringIncludes(identity!.clientId, base.MCP_CLIENT_ID);
  }));
