import { assertEquals } from "@std/assert";
import type { AuthorizationServer } from "../parts/authorization_server.ts";
import { startMcpServer } from "../parts/mcp_server.ts";
import { askWhoAmI } from "../parts/whoami.ts";
import { installNpm } from "./parts/install.ts";
import { freePort, startProgram } from "./parts/program.ts";

const program = new URL(import.meta.resolve("./node/oauth2_mock_server.mjs")).pathname;

Deno.test("oauth2-mock-server: a client calls a tool, by discovery and by the token endpoint", async (t) => {
  const folder = await installNpm("oauth2-mock-server", ["oauth2-mock-server@^9.3.0"]);
  const port = freePort();
  const issuer = `http://127.0.0.1:${port}`;
  await using _running = await startProgram(["node", program, folder], port, { PORT: `${port}` });
  const authorizationServer = {
    issuer,
    jwksUri: `${issuer}/jwks`,
    tokenType: "JWT",
    protect() {},
  } as unknown as AuthorizationServer;
  await using server = await startMcpServer({ authorizationServer });
  const base = {
    MCP_CLIENT_ID: "my-client",
    MCP_CLIENT_SECRET: "my-secret",
    MCP_SERVER_URL: server.url,
  };
  const endpoint = { MCP_AUTH_SERVER_URL: `${issuer}/token`, MCP_RESOURCE: server.url };
  const ways: Record<string, Record<string, string>> = {
    discovery: {},
    MCP_AUTH_ISSUER: { MCP_AUTH_ISSUER: issuer },
    MCP_AUTH_SERVER_URL: { ...endpoint, MCP_SCOPE: "mcp:tools" },
    "client_secret_basic": { ...endpoint, MCP_AUTH_METHOD: "client_secret_basic" },
  };
  for (const [way, env] of Object.entries(ways)) {
    await t.step(way, async () => {
      const { identity, error, log } = await askWhoAmI({ ...base, ...env });
      assertEquals(identity?.clientId, "my-client", `${JSON.stringify(error)}\n${log}`);
    });
  }
});
