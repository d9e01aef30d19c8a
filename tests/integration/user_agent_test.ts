import { assertEquals } from "@std/assert";
import { VERSION } from "../../src/version.ts";
import { ANSWERS } from "../parts/scripted_answers.ts";
import { initialize, withProxy } from "../parts/scripted_proxy.ts";
import type { Script } from "../parts/scripted_server.ts";

// Firewalls refuse requests without a User-Agent with 403.

const PATHS = [
  "/.well-known/oauth-protected-resource/mcp",
  "/.well-known/oauth-authorization-server",
];

/** A server that publishes its authorization server, on the same origin. */
const published: Script = {
  initialize: (request) =>
    request.headers.authorization
      ? ANSWERS.initialize(request)
      : new Response(null, { status: 401, headers: { "www-authenticate": "Bearer" } }),
  [PATHS[0]]: ({ headers }) => {
    const origin = `http://${headers.host}`;
    return Response.json({ resource: `${origin}/mcp`, authorization_servers: [origin] });
  },
  [PATHS[1]]: ({ headers }) => {
    const origin = `http://${headers.host}`;
    return Response.json({ issuer: origin, token_endpoint: `${origin}/token` });
  },
};

/** The User-Agent of all requests of a session, by where they went. */
async function userAgents(env: Record<string, string>): Promise<Map<string, string | undefined>> {
  const seen = new Map<string, string | undefined>();
  await withProxy(published, async ({ proxy, server }) => {
    await proxy.send(initialize());
    await proxy.response("initialize");
    await proxy.send({ jsonrpc: "2.0", method: "notifications/initialized" });
    await server.requests.until(({ name }) => name === "GET");
    await proxy.closeStdin();
    await proxy.status;
    for (const { name, headers } of server.requests) seen.set(name, headers["user-agent"]);
  }, { revision: null, env: { MCP_AUTH_SERVER_URL: "discover", ...env } });
  return seen;
}

const NAMES = [...PATHS, "initialize", "token", "notifications/initialized", "GET", "DELETE"];

Deno.test("every request has a User-Agent with the version", async () => {
  const expected = `mcp-oauth-proxy/${VERSION}`;
  const seen = await userAgents({});
  assertEquals(NAMES.map((name) => [name, seen.get(name)]), NAMES.map((name) => [name, expected]));
});

Deno.test("MCP_HEADERS replaces the User-Agent of the requests to the MCP server", async () => {
  const seen = await userAgents({ MCP_HEADERS: "User-Agent: my-agent/1" });
  for (const name of ["initialize", "notifications/initialized", "GET", "DELETE"]) {
    assertEquals([name, seen.get(name)], [name, "my-agent/1"]);
  }
});
