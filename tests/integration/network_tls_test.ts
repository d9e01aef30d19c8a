import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type CertificateAuthority, createAuthority } from "../parts/certificates.ts";
import { type Proxy, proxyCommand, startProxy } from "../parts/proxy.ts";
import { call, handshake } from "../parts/scripted_proxy.ts";
import { openBody } from "../parts/scripted_answers.ts";
import { type Script, type ScriptedServer, startScriptedServer } from "../parts/scripted_server.ts";
import { probesTo } from "../parts/tcp_probes.ts";
import { startTlsFront, type TlsFront, type TlsFrontOptions } from "../parts/tls_front.ts";

// Which certificates TLS connections trust, and client certificates (RFC 8705).

const isDeno = proxyCommand()[0].includes("deno");

/** What a test gets: a server that speaks TLS, and proxies for it. */
interface Secured {
  readonly server: ScriptedServer;
  readonly front: TlsFront;
  /** Starts a proxy with more variables. A PEM text becomes a file, and the variable its path. */
  start(env: Record<string, string>): Promise<Proxy>;
}

const authority = await createAuthority();
const identity = await authority.issue("localhost", "127.0.0.1");

async function withTls(
  test: (secured: Secured) => Promise<void>,
  options: Partial<TlsFrontOptions> = {},
  script?: Script,
): Promise<void> {
  await using server = await startScriptedServer(script);
  await using front = await startTlsFront(server.url, { identity, ...options });
  const folder = await Deno.makeTempDir();
  await using proxies = new AsyncDisposableStack();

  async function start(env: Record<string, string>): Promise<Proxy> {
    const origin = `https://localhost:${front.port}`;
    const urls = { MCP_SERVER_URL: `${origin}/mcp`, MCP_AUTH_SERVER_URL: `${origin}/token` };
    return proxies.use(startProxy({ env: { ...server.env, ...urls, ...await written(env) } }));
  }

  /** The variables, after PEM texts were written to files. */
  async function written(env: Record<string, string>): Promise<Record<string, string>> {
    const files = Object.entries(env).map(async ([name, text]) => {
      if (!text.startsWith("-----BEGIN")) return [name, text];
      await Deno.writeTextFile(`${folder}/${name}`, text);
      return [name, `${folder}/${name}`];
    });
    return Object.fromEntries(await Promise.all(files));
  }

  try {
    await test({ server, front, start });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The variables of the runtimes themselves that add a certificate authority. */
function runtimesOwn({ cert }: CertificateAuthority): Record<string, string> {
  return { DENO_CERT: cert, NODE_EXTRA_CA_CERTS: cert };
}

Deno.test("MCP_CA_FILE makes the proxy trust a private certificate authority", () =>
  withTls(async ({ server, start }) => {
    const proxy = await start({ MCP_CA_FILE: authority.cert });
    await handshake({ proxy, server });
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message.result, {});
  }));

Deno.test("DENO_CERT and NODE_EXTRA_CA_CERTS make the proxy trust a certificate authority", () =>
  withTls(async ({ server, start }) => {
    const proxy = await start(runtimesOwn(authority));
    await handshake({ proxy, server });
  }));

Deno.test("MCP_CA_FILE adds to the authorities that the runtime trusts", () =>
  withTls(async ({ server, start }) => {
    const another = await createAuthority("Another CA");
    const proxy = await start({ ...runtimesOwn(authority), MCP_CA_FILE: another.cert });
    await handshake({ proxy, server });
  }));

Deno.test("MCP_CA_FILE can contain several certificates", () =>
  withTls(async ({ server, start }) => {
    const another = await createAuthority("Another CA");
    const proxy = await start({ MCP_CA_FILE: `${another.cert}\n${authority.cert}\n` });
    await handshake({ proxy, server });
  }));

Deno.test("rejects a certificate of an unknown authority, and the error names MCP_CA_FILE", () =>
  withTls(async ({ server, start }) => {
    const plainToken = { MCP_AUTH_SERVER_URL: server.tokenEndpoint };
    const proxy = await start(plainToken);
    await proxy.send(call(1));
    const { error } = (await proxy.response(1)).message;
    assertStringIncludes(error.message, "MCP_CA_FILE");
    assertMatch(error.message, /^[^\n]*$/);
    assertEquals(error.data.mayHaveRun, false);
    assertEquals(server.received("tools/call"), []);
  }));

Deno.test("rejects a certificate for another host, even if its authority is trusted", async () => {
  const identity = await authority.issue("elsewhere.test");
  await withTls(async ({ server, start }) => {
    const proxy = await start({
      MCP_CA_FILE: authority.cert,
      MCP_AUTH_SERVER_URL: server.tokenEndpoint,
    });
    await proxy.send(call(1));
    const { error } = (await proxy.response(1)).message;
    assertStringIncludes(error.message, "its certificate is for another host name");
    assertEquals(error.data.mayHaveRun, false);
  }, { identity });
});

Deno.test("sends the client certificate to the token endpoint and to the MCP server", async () => {
  const client = await authority.issue("test-client");
  await withTls(async ({ server, front, start }) => {
    const proxy = await start({
      MCP_CA_FILE: authority.cert,
      MCP_CLIENT_CERT_FILE: client.cert,
      MCP_CLIENT_KEY_FILE: client.key,
    });
    await handshake({ proxy, server });
    assertEquals(server.received("token").length, 1);
    assertEquals([...new Set([...front.clients].map(({ name }) => name))], ["test-client"]);
  }, { clientAuthority: authority.cert });
});

// With TLS 1.3 the client has finished its handshake when the server rejects it, and the request may
// be lost together with the alert that says why.
Deno.test("a server that rejects a missing client certificate has not received the request", () =>
  withTls(async ({ server, start }) => {
    const proxy = await start({
      MCP_CA_FILE: authority.cert,
      MCP_AUTH_SERVER_URL: server.tokenEndpoint,
    });
    await proxy.send(call(1));
    const { error } = (await proxy.response(1)).message;
    assertStringIncludes(error.message, "MCP_CLIENT_CERT_FILE");
    assertEquals(error.data.mayHaveRun, false);
    assertEquals(server.received("tools/call"), []);
  }, { clientAuthority: authority.cert, maxVersion: "TLSv1.2" }));

/** Certificates that cannot be used, and the errors for them. */
const UNUSABLE = [
  [
    "a file without a certificate",
    { MCP_CA_FILE: identity.key },
    /MCP_CA_FILE: .*no PEM certificate/,
  ],
  [
    "a damaged certificate",
    { MCP_CA_FILE: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" },
    /MCP_CA_FILE.* cannot be used/,
  ],
  [
    "a key that does not match the certificate",
    { MCP_CLIENT_CERT_FILE: identity.cert, MCP_CLIENT_KEY_FILE: authority.key },
    /MCP_CLIENT_KEY_FILE: the key does not match the certificate/,
  ],
  [
    "a certificate instead of a key",
    { MCP_CLIENT_CERT_FILE: identity.cert, MCP_CLIENT_KEY_FILE: identity.cert },
    /MCP_CLIENT_KEY_FILE: .*no PEM private key/,
  ],
] as const;

for (const [what, env, line] of UNUSABLE) {
  Deno.test(`does not start with ${what}, and the error says why`, () =>
    withTls(async ({ start }) => {
      const proxy = await start(env);
      assertEquals((await proxy.status).code, 2);
      assertMatch(proxy.stderr, line);
    }));
}

Deno.test("a server may use a self-signed CA certificate on Node; on Deno the error names the two solutions", async () => {
  const selfSigned = await createAuthority("localhost", "localhost");
  await withTls(async ({ server, start }) => {
    const proxy = await start({ MCP_CA_FILE: selfSigned.cert });
    if (!isDeno) return void await handshake({ proxy, server });
    await proxy.send(call(1));
    const { error } = (await proxy.response(1)).message;
    assertStringIncludes(error.message, "CA:FALSE");
    assertStringIncludes(error.message, "npx mcp-oauth-proxy");
    assertEquals(error.data.mayHaveRun, false);
  }, { identity: selfSigned });
});

Deno.test({
  name: "on Node, TCP probes each connection on which a request has waited for 30 s",
  ignore: isDeno || Deno.build.os !== "linux",
  fn: () =>
    withTls(
      async ({ server, front, start }) => {
        const proxy = await start({ MCP_CA_FILE: authority.cert });
        await handshake({ proxy, server });
        // Several at a time, because Node itself probes a connection that is used again.
        for (const id of [1, 2, 3]) await proxy.send(call(id));
        for (const id of [1, 2, 3]) {
          await server.requests.until(({ message }) => message?.id === id);
        }
        const probes = await probesTo(front.port);
        assert(probes.length >= 3, `${probes}`);
        assert(probes.every((milliseconds) => milliseconds <= 30_000), `${probes}`);
      },
      {},
      { "tools/call": () => openBody().response },
    ),
});
