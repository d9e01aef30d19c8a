import { assertEquals, assertStringIncludes } from "@std/assert";
import { createAuthority } from "../parts/certificates.ts";
import {
  type ForwardProxy,
  type ForwardProxyOptions,
  startForwardProxy,
} from "../parts/forward_proxy.ts";
import { NOWHERE } from "../parts/nowhere.ts";
import { type Proxy, startProxy } from "../parts/proxy.ts";
import { call, handshake } from "../parts/scripted_proxy.ts";
import { type ScriptedServer, startScriptedServer } from "../parts/scripted_server.ts";
import { startTlsFront } from "../parts/tls_front.ts";

// HTTP_PROXY, HTTPS_PROXY and NO_PROXY. The servers have names that only the proxy can reach.

/** A proxy on the way, and a server behind it. */
interface Proxied {
  readonly server: ScriptedServer;
  readonly forward: ForwardProxy;
  readonly proxy: Proxy;
}

/** What was asked of the HTTP proxy, each thing once. */
function asked({ requests }: ForwardProxy): string[] {
  return [...new Set([...requests].map(({ method, target }) => `${method} ${target}`))];
}

/** Runs a test with a server at http://mcp.example.test behind an HTTP proxy. */
async function behindProxy(
  env: (forward: ForwardProxy, server: ScriptedServer) => Record<string, string>,
  test: (proxied: Proxied) => Promise<void>,
  options: ForwardProxyOptions = {},
): Promise<void> {
  await using server = await startScriptedServer();
  await using forward = await startForwardProxy({
    leadsTo: new URL(server.url).host,
    ...options,
  });
  const urls = {
    MCP_SERVER_URL: "http://mcp.example.test/mcp",
    MCP_AUTH_SERVER_URL: "http://auth.example.test:8080/token",
    MCP_ALLOW_HTTP: "true",
  };
  await using proxy = startProxy({ env: { ...server.env, ...urls, ...env(forward, server) } });
  await test({ server, forward, proxy });
}

/** Runs a test with a server at https://mcp.example.test behind an HTTP proxy. */
async function behindTunnel(
  env: (forward: ForwardProxy, server: ScriptedServer) => Record<string, string>,
  test: (proxied: Proxied) => Promise<void>,
  options: ForwardProxyOptions = {},
): Promise<void> {
  const authority = await createAuthority();
  const identity = await authority.issue("mcp.example.test");
  const ca = await Deno.makeTempFile();
  await Deno.writeTextFile(ca, authority.cert);
  await using server = await startScriptedServer();
  await using front = await startTlsFront(server.url, { identity });
  await using forward = await startForwardProxy({
    leadsTo: `127.0.0.1:${front.port}`,
    ...options,
  });
  const urls = { MCP_SERVER_URL: "https://mcp.example.test/mcp", MCP_CA_FILE: ca };
  await using proxy = startProxy({ env: { ...server.env, ...urls, ...env(forward, server) } });
  try {
    await test({ server, forward, proxy });
  } finally {
    await Deno.remove(ca);
  }
}

Deno.test("http requests are handed to the proxy of HTTP_PROXY with their whole URL", () =>
  behindProxy(
    ({ url }) => ({ HTTP_PROXY: url }),
    async ({ server, forward, proxy }) => {
      await proxy.send(call(1));
      assertEquals((await proxy.response(1)).message.result, {});
      assertEquals(asked(forward), [
        "POST http://auth.example.test:8080/token",
        "POST http://mcp.example.test/mcp",
      ]);
      const [{ headers }] = server.received("token");
      assertEquals(headers.host, "auth.example.test:8080");
    },
  ));

Deno.test("https requests go through a tunnel of the proxy of https_proxy, which is kept", () =>
  behindTunnel(
    ({ url }) => ({ https_proxy: url }),
    async ({ server, forward, proxy }) => {
      await handshake({ proxy, server });
      await proxy.send(call(1));
      assertEquals((await proxy.response(1)).message.result, {});
      // The token endpoint is on this machine, where no proxy is asked.
      assertEquals(asked(forward), ["CONNECT mcp.example.test:443"]);
      assertEquals(forward.requests.count() < 4, true, "a tunnel for each message");
    },
  ));

for (const [scheme, behind] of [["http", behindProxy], ["https", behindTunnel]] as const) {
  Deno.test(`user name and password of the proxy's URL are sent only to the proxy, ${scheme}`, () =>
    behind(
      ({ port }) => ({ [`${scheme}_proxy`]: `http://us%40er:p%3Aw@127.0.0.1:${port}` }),
      async ({ server, proxy }) => {
        await handshake({ proxy, server });
        await proxy.send(call(1));
        assertEquals((await proxy.response(1)).message.result, {});
        const shown = [...server.requests].filter(({ headers }) => headers["proxy-authorization"]);
        assertEquals(shown, [], "the server was shown the proxy's password");
      },
      { credentials: "us@er:p:w" },
    ));

  Deno.test(`the error of a proxy that requires a password names the proxy, ${scheme}`, () =>
    behind(
      // What fails with the token endpoint is tried for longer.
      ({ url }, { tokenEndpoint }) => ({
        [`${scheme}_proxy`]: url,
        MCP_AUTH_SERVER_URL: tokenEndpoint,
      }),
      async ({ forward, proxy }) => {
        await proxy.send(call(1));
        const { error } = (await proxy.response(1)).message;
        assertStringIncludes(error.message, "the proxy requires a user name and a password");
        assertStringIncludes(error.message, `${forward.url}/ (${scheme}_proxy)`);
        assertEquals(error.data.mayHaveRun, false);
      },
      { credentials: "user:password" },
    ));
}

Deno.test("the error of a refused tunnel names the proxy as the cause", () =>
  behindTunnel(
    ({ url }) => ({ https_proxy: url }),
    async ({ proxy }) => {
      await proxy.send(call(1));
      const { error } = (await proxy.response(1)).message;
      assertStringIncludes(error.message, "the proxy refuses this connection");
      assertEquals(error.data, { ...error.data, reason: "unreachable", mayHaveRun: false });
    },
    { refuseWith: 403 },
  ));

Deno.test("an unreachable proxy is named without its password", () =>
  behindTunnel(
    () => ({ HTTPS_PROXY: NOWHERE.replace("//", "//user:secret-word@") }),
    async ({ proxy }) => {
      await proxy.send(call(1));
      const { error } = (await proxy.response(1)).message;
      assertStringIncludes(error.message, "connection refused");
      assertStringIncludes(error.message, `through the proxy ${NOWHERE}/ (HTTPS_PROXY)`);
      await proxy.closeStdin();
      await proxy.status;
      assertEquals((error.message + proxy.stderr).includes("secret-word"), false);
    },
  ));

Deno.test("what is on this machine is reached without the proxy", async () => {
  await using server = await startScriptedServer();
  await using forward = await startForwardProxy();
  const { url } = forward;
  const variables = { HTTP_PROXY: url, http_proxy: url, ALL_PROXY: url };
  await using proxy = startProxy({ env: { ...server.env, ...variables } });
  await handshake({ proxy, server });
  assertEquals(asked(forward), []);
});

for (
  const entry of ["[::ffff:127.0.0.1]", "::ffff:127.0.0.0/104", "[::ffff:127.0.0.1]:PORT", "*"]
) {
  Deno.test(`NO_PROXY=${entry} has a server reached without the proxy`, async () => {
    await using server = await startScriptedServer();
    await using forward = await startForwardProxy();
    const { port } = new URL(server.url);
    // This machine by a name that does not say so.
    const origin = `http://[::ffff:127.0.0.1]:${port}`;
    const env = {
      ...server.env,
      MCP_SERVER_URL: `${origin}/mcp`,
      MCP_AUTH_SERVER_URL: `${origin}/token`,
      MCP_ALLOW_HTTP: "true",
      HTTP_PROXY: forward.url,
      NO_PROXY: `example.com, ${entry.replace("PORT", port)}`,
    };
    await using proxy = startProxy({ env });
    await handshake({ proxy, server });
    assertEquals(asked(forward), []);
  });
}

Deno.test("a server that NO_PROXY does not name is reached through the proxy", () =>
  behindProxy(
    ({ url }) => ({ HTTP_PROXY: url, NO_PROXY: "example.com,mcp.example.test:81,10.0.0.0/8" }),
    async ({ proxy }) => {
      await proxy.send(call(1));
      assertEquals((await proxy.response(1)).message.result, {});
    },
  ));
