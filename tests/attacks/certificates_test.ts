import { assertEquals, assertStringIncludes } from "@std/assert";
import { createAuthority } from "../parts/certificates.ts";
import { startProxy } from "../parts/proxy.ts";
import { call } from "../parts/scripted_proxy.ts";
import { startScriptedServer } from "../parts/scripted_server.ts";
import { startTlsFront } from "../parts/tls_front.ts";

Deno.test("`NODE_TLS_REJECT_UNAUTHORIZED=0` is set: certificates are checked, and the secret is not sent", async () => {
  const identity = await (await createAuthority()).issue("localhost", "127.0.0.1");
  await using server = await startScriptedServer();
  await using front = await startTlsFront(server.url, { identity });
  const origin = `https://localhost:${front.port}`;
  await using proxy = startProxy({
    env: {
      ...server.env,
      MCP_SERVER_URL: `${origin}/mcp`,
      MCP_AUTH_SERVER_URL: `${origin}/token`,
      NODE_TLS_REJECT_UNAUTHORIZED: "0",
    },
  });
  await proxy.send(call(1));
  assertStringIncludes((await proxy.response(1)).message.error.message, "certificate");
  assertEquals(server.received("token"), []);
});
