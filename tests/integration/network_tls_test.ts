import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type CertificateAuthority, createAuthority } from "../parts/certificates.ts";
import { type Proxy, proxyCommand, startProxy } from "../parts/proxy.ts";
import { call, handshake } from "../parts/scripted_proxy.ts";
import { type ScriptedServer, startScriptedServer } from "../parts/scripted_server.ts";
import { startTlsFront, type TlsFront, type TlsFrontOptions } from "../parts/tls_front.ts";

// What TLS connections trust, and who they say they are (RFC 8705).

/** What a test gets: a server behind TLS, and proxies that are led there. */
interface Secured {
  readonly server: ScriptedServer;
  readonly front: TlsFront;
  /** Starts a proxy with more variables; those that end in `_FILE` are given the file's text. */
  start(env: Record<string, string>): Promise<Proxy>;
}

const authority = await createAuthority();
const identity = await authority.issue("localhost", "127.0.0.1");

async function withTls(
  test: (secured: Secured) => Promise<void>,
  options: Partial<TlsFrontOptions> = {},
): Promise<void> {
  await using server = await startScriptedServer();
  await using front = await startTlsFront(server.url, { identity, ...options });
  const folder = await Deno.makeTempDir();
  await using proxies = new AsyncDisposableStack();

  async function start(env: Record<string, string>): Promise<Proxy> {
    const origin = `https://localhost:${front.port}`;
    const urls = { MCP_SERVER_URL: `${origin}/mcp`, MCP_AUTH_SERVER_URL: `${origin}/token` };
    return proxies.use(startProxy({ env: { ...server.env, ...urls, ...await written(env) } }));
  }

  /** Texts of certificates and keys are put into files, the variables lead there. */
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

/** The variables with which each runtime by itself is told of an authority. */
function runtimesOwn({ cert }: CertificateAuthority): Record<string, string> {
  return { DENO_CERT: cert, NODE_EXTRA_CA_CERTS: cert };
}

Deno.test("a server with a certificate of one's own authority is reached with MCP_CA_FILE", () =>
  withTls(async ({ server, start }) => {
    const proxy = await start({ MCP_CA_FILE: authority.cert });
    await handshake({ proxy, server });
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message.result, {});
  }));

Deno.test("a server is reached with the runtime's own trust settings", () =>
  withTls(async ({ server, start }) => {
    const proxy = await start(runtimesOwn(authority));
    await handshake({ proxy, server });
  }));

Deno.test("MCP_CA_FILE adds to what the runtime trusts", () =>
  withTls(async ({ server, start }) => {
    const another = await createAuthority("Another CA");
    const proxy = await start({ ...runtimesOwn(authority), MCP_CA_FILE: another.cert });
    await handshake({ proxy, server });
  }));

Deno.test("MCP_CA_FILE may hold several certificates", () =>
  withTls(async ({ server, start }) => {
    const another = await createAuthority("Another CA");
    const proxy = await start({ MCP_CA_FILE: `${another.cert}\n${authority.cert}\n` });
    await handshake({ proxy, server });
  }));

Deno.test("a certificate of an unknown authority is refused in a line that names MCP_CA_FILE", () =>
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

Deno.test("a certificate for another host is refused, though its authority is trusted", async () => {
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

Deno.test("the client certificate is shown to the token endpoint and to the MCP server", async () => {
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

// With TLS 1.3 the client has its handshake behind it when it is turned away, and its request may be
// lost together with the alert that says why.
Deno.test("a server that asks for a client certificate in vain has not had the request", () =>
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

/** Certificates that are of no use, and what is said of them. */
const UNUSABLE = [
  [
    "a file without a certificate",
    { MCP_CA_FILE: identity.key },
    /MCP_CA_FILE: .*no PEM certificate/,
  ],
  [
    "a certificate that is garbled",
    { MCP_CA_FILE: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" },
    /MCP_CA_FILE.* cannot be used/,
  ],
  [
    "a key that is another's",
    { MCP_CLIENT_CERT_FILE: identity.cert, MCP_CLIENT_KEY_FILE: authority.key },
    /MCP_CLIENT_KEY_FILE: the key does not match the certificate/,
  ],
  [
    "a certificate for a key",
    { MCP_CLIENT_CERT_FILE: identity.cert, MCP_CLIENT_KEY_FILE: identity.cert },
    /MCP_CLIENT_KEY_FILE: .*no PEM private key/,
  ],
] as const;

for (const [what, env, line] of UNUSABLE) {
  Deno.test(`with ${what} the proxy does not start, and says why`, () =>
    withTls(async ({ start }) => {
      const proxy = await start(env);
      assertEquals((await proxy.status).code, 2);
      assertMatch(proxy.stderr, line);
    }));
}

Deno.test("NODE_TLS_REJECT_UNAUTHORIZED=0 does not turn the check of certificates off", () =>
  withTls(async ({ server, start }) => {
    const proxy = await start({ NODE_TLS_REJECT_UNAUTHORIZED: "0" });
    await proxy.send(call(1));
    assertStringIncludes((await proxy.response(1)).message.error.message, "certificate");
    assertEquals(server.received("token"), []);
  }));

Deno.test("a server that uses a self-signed CA certificate is reached on Node; on Deno the error names the two ways out", async () => {
  const selfSigned = await createAuthority("localhost", "localhost");
  await withTls(async ({ server, start }) => {
    const proxy = await start({ MCP_CA_FILE: selfSigned.cert });
    if (!proxyCommand()[0].includes("deno")) return void await handshake({ proxy, server });
    await proxy.send(call(1));
    const { error } = (await proxy.response(1)).message;
    assertStringIncludes(error.message, "CA:FALSE");
    assertStringIncludes(error.message, "npx mcp-oauth-proxy");
    assertEquals(error.data.mayHaveRun, false);
  }, { identity: selfSigned });
});
