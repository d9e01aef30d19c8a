import { assertEquals } from "@std/assert";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { startProxy } from "../parts/proxy.ts";
import { call, withProxy } from "../parts/scripted_proxy.ts";
import { startScriptedServer } from "../parts/scripted_server.ts";

Deno.test("A server answers 101 Switching Protocols: the request gets an error", async () => {
  const sockets: Socket[] = [];
  const tcp = createServer((socket) => {
    sockets.push(socket.on("error", () => {}));
    const answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n";
    socket.once("data", () => socket.write(answer));
  });
  await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
  try {
    await using server = await startScriptedServer();
    const url = `http://127.0.0.1:${(tcp.address() as AddressInfo).port}/mcp`;
    await using proxy = startProxy({ env: { ...server.env, MCP_SERVER_URL: url } });
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message.error.data.source, "mcp-oauth-proxy");
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => tcp.close(resolve));
  }
});

Deno.test("A server sends a challenge of 200 KB: it is ignored, and the request gets its answer", () =>
  withProxy({
    "tools/call": () => {
      const challenge = `Bearer ${"a=b, ".repeat(40_000)}a=b`;
      return new Response(null, { status: 401, headers: { "www-authenticate": challenge } });
    },
  }, async ({ proxy }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message.error.data.reason, "unauthorized");
  }));

/** A proxy whose tokens are bound to a key, in front of a server that answers each call like this. */
function withDpop(answer: () => Response, reason: string) {
  const token = () => Response.json({ access_token: "token", token_type: "DPoP", expires_in: 300 });
  return withProxy({ token, "tools/call": answer }, async ({ proxy }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message.error.data.reason, reason);
  }, { env: { MCP_DPOP: "true", MCP_REQUEST_TIMEOUT: "5s" } });
}

Deno.test("A server sends a challenge of 240 KB to a client with DPoP: it is ignored, and the request gets its answer", () =>
  withDpop(() => {
    const challenge = `DPoP ${"a=b, ".repeat(48_000)}a=b`;
    return new Response(null, { status: 401, headers: { "www-authenticate": challenge } });
  }, "unauthorized"));

Deno.test("A server answers with a status that does not exist: the request gets an error that names it", () =>
  withDpop(
    () => Object.defineProperty(new Response(), "status", { value: 999 }),
    "http_status",
  ));
