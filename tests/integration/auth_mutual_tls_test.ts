import { assertEquals } from "@std/assert";
import { createAuthority } from "../parts/certificates.ts";
import { startMutualTlsServers, TLS_METHODS } from "../parts/mutual_tls_servers.ts";
import { startProxy } from "../parts/proxy.ts";
import { call } from "../parts/scripted_proxy.ts";

const authority = await createAuthority();
const certificate = await authority.issue("test-client");

/** Certificates and keys in files, for as long as the test runs. */
async function withFiles(test: (env: Record<string, string>) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  const files = {
    MCP_CA_FILE: authority.cert,
    MCP_CLIENT_CERT_FILE: certificate.cert,
    MCP_CLIENT_KEY_FILE: certificate.key,
  };
  try {
    const env: Record<string, string> = {};
    for (const [variable, text] of Object.entries(files)) {
      env[variable] = `${folder}/${variable}.pem`;
      await Deno.writeTextFile(env[variable], text);
    }
    await test(env);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const method of TLS_METHODS) {
  Deno.test(`${method} gets a token that is bound to the certificate, at the endpoint for mutual TLS`, () =>
    withFiles(async (files) => {
      await using servers = await startMutualTlsServers(authority, certificate);
      await using proxy = startProxy({
        env: {
          ...files,
          MCP_CLIENT_ID: method,
          ...(method === "client_secret_basic" && { MCP_CLIENT_SECRET: "secret" }),
          MCP_AUTH_METHOD: method,
          MCP_SERVER_URL: servers.url,
        },
      });
      await proxy.send(call(1));
      assertEquals((await proxy.response(1)).message.error, undefined, proxy.stderr);
      assertEquals(servers.tokenRequests, [{ mutual: true }]);
      assertEquals(servers.calls, [{ bound: true }]);
    }));
}

Deno.test("without a method, a certificate is enough, and metadata selects its method", () =>
  withFiles(async (files) => {
    await using servers = await startMutualTlsServers(authority, certificate);
    await using proxy = startProxy({
      env: {
        ...files,
        MCP_CLIENT_ID: "tls_client_auth",
        MCP_SERVER_URL: servers.url,
        MCP_LOG_LEVEL: "debug",
      },
    });
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message.error, undefined, proxy.stderr);
    await proxy.logged("method=tls_client_auth");
  }));
