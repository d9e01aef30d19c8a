import { assertEquals, assertRejects } from "@std/assert";
import { hostOf, permissionFlags } from "../../src/commands/permissions/flags.ts";
import { discoveredHosts } from "../../src/commands/permissions/hosts.ts";
import { fakeHttp } from "../parts/fake_http.ts";

const ORIGIN = "https://mcp.example.com";

Deno.test("Metadata has a comma in a host name: `--allow-net` gets no other entry", () => {
  assertEquals(hostOf("https://169.254.169.254,a.example/token"), undefined);
  assertEquals(hostOf("https://169.254.169.254%2Ca.example/token"), undefined);
  assertEquals(hostOf("https://a.example/token"), "a.example:443");
});

Deno.test("A setting has a comma in a host name: `--allow-net` gets no other entry", () => {
  const texts = new Map([["MCP_SERVER_URL", "https://169.254.169.254,a.example/mcp"]]);
  assertEquals(permissionFlags({ texts, variables: [] }), []);
});

/** What `permissions` finds if the MCP server names this authorization server, or it this endpoint. */
function hostsNamed(issuer: string, tokenEndpoint = `${issuer}/token`, env = {}) {
  const { http } = fakeHttp({
    [`${ORIGIN}/.well-known/oauth-protected-resource/mcp`]: () =>
      Response.json({ resource: `${ORIGIN}/mcp`, authorization_servers: [issuer] }),
    [`${issuer}/.well-known/oauth-authorization-server`]: () =>
      Response.json({ issuer, token_endpoint: tokenEndpoint }),
    [`${ORIGIN}/mcp`]: () => new Response(null, { status: 401 }),
  });
  const texts = new Map(Object.entries({ MCP_SERVER_URL: `${ORIGIN}/mcp`, ...env }));
  return discoveredHosts(texts, { http: () => http, readTextFile: () => Promise.reject() });
}

Deno.test("permissions of a public server include its authorization server", async () => {
  assertEquals(await hostsNamed("https://auth.example.com"), [
    "mcp.example.com:443",
    "auth.example.com:443",
  ]);
});

for (const host of ["169.254.169.254", "metadata.google.internal", "10.0.0.1", "router.lan"]) {
  Deno.test(`A public server names a private host: \`permissions\` does not include it (${host})`, async () => {
    await assertRejects(() => hostsNamed(`https://${host}`), Error, "private address");
    const endpoint = `https://${host}/token`;
    await assertRejects(() => hostsNamed("https://auth.example.com", endpoint), Error, "private");
  });
}

Deno.test("permissions include a private address if the user allows it", async () => {
  const env = { MCP_ALLOW_PRIVATE_ADDRESSES: "yes" };
  const hosts = await hostsNamed("https://auth.example.com", "https://10.0.0.1/token", env);
  assertEquals(hosts.includes("10.0.0.1:443"), true);
});
