import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { createDiscovery } from "../../src/auth/discovery/discovery.ts";
import { fakeHttp, keptLog } from "../parts/fake_http.ts";

const ORIGIN = "https://mcp.example.com";

/** What is refused, and what the proxy sent, if the server names this authorization server. */
async function named(issuer: string): Promise<{ error: string; asked: readonly string[] }> {
  const { http, asked } = fakeHttp({
    [`${ORIGIN}/.well-known/oauth-protected-resource/mcp`]: () =>
      Response.json({ resource: `${ORIGIN}/mcp`, authorization_servers: [issuer] }),
  });
  const discover = createDiscovery({
    serverUrl: new URL(`${ORIGIN}/mcp`),
    allowHttp: false,
    allowPrivateAddresses: false,
    supports: () => true,
    http,
    log: keptLog(),
  });
  const error = await assertRejects(() => discover({ status: 401, forTokens: true }), Error);
  return { error: error.message, asked };
}

for (
  const [what, host, why] of [
    ["a private address as a 6to4 address", "[2002:a9fe:a9fe::1]", "private"],
    ["a Teredo address", "[2001:0:53aa:64c::1]", "private"],
    ["a private address as a translated one", "[::ffff:0:169.254.169.254]", "private"],
    ["a name of a home network", "router.lan", "private"],
    ["a service of a Kubernetes cluster", "vault.secrets.svc", "private"],
    ["a host name with a comma", "169.254.169.254,auth.example.com", "host name"],
  ] as const
) {
  Deno.test(`A public server names a private address as its authorization server: nothing is sent there (${what})`, async () => {
    const { error, asked } = await named(`https://${host}`);
    assertStringIncludes(error, why);
    assertEquals(asked, [`GET ${ORIGIN}/.well-known/oauth-protected-resource/mcp`]);
  });
}
