import { assertEquals, assertStringIncludes } from "@std/assert";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { NOWHERE } from "../parts/nowhere.ts";
import { proxyCommand, startProxy } from "../parts/proxy.ts";
import { call, handshake, withProxy } from "../parts/scripted_proxy.ts";
import { event, initializeResult, openBody, reply } from "../parts/scripted_answers.ts";
import { startScriptedServer } from "../parts/scripted_server.ts";

// Connections: where they go, and what is said when they break.

/** A TCP server that hands each connection to `serve`; closing it cuts what is open. */
async function startTcp(host: string, serve: (client: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on("error", () => {}).on("close", () => sockets.delete(client));
    serve(client);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Passes a connection on to a server on 127.0.0.1. */
function passOn(url: string) {
  return (client: Socket) => {
    const behind = connect(Number(new URL(url).port), "127.0.0.1");
    behind.on("error", () => {}).on("close", () => client.destroy());
    client.on("close", () => behind.destroy());
    client.pipe(behind).pipe(client);
  };
}

const hasIpv6 = await startTcp("::1", () => {}).then(
  async (server) => {
    await server[Symbol.asyncDispose]();
    return true;
  },
  () => false,
);

/** The error that a call gets from a server at `url`. */
async function errorFrom(url: string) {
  await using server = await startScriptedServer();
  await using proxy = startProxy({ env: { ...server.env, MCP_SERVER_URL: url } });
  await proxy.send(call(1));
  return (await proxy.response(1)).message.error;
}

Deno.test({
  name: "a server at [::1] is reached, where the machine has IPv6",
  ignore: !hasIpv6,
  async fn() {
    await using server = await startScriptedServer();
    await using front = await startTcp("::1", passOn(server.url));
    const env = { ...server.env, MCP_SERVER_URL: `http://[::1]:${front.port}/mcp` };
    await using proxy = startProxy({ env });
    await handshake({ proxy, server });
  },
});

Deno.test("a server that listens on 127.0.0.1 only is reached at localhost", async () => {
  await using server = await startScriptedServer();
  const env = { ...server.env, MCP_SERVER_URL: server.url.replace("127.0.0.1", "localhost") };
  await using proxy = startProxy({ env });
  await handshake({ proxy, server });
});

/** A listener on [::1] that answers no attempt to connect: its queue is full. */
async function startBlackHole(): Promise<AsyncDisposable & { readonly port: number }> {
  const listener = Deno.listen({ hostname: "::1", port: 0, tcpBacklog: 1 });
  const { port } = listener.addr as Deno.NetAddr;
  const queue: Promise<Deno.Conn>[] = [];
  for (let isFull = false; !isFull;) {
    const attempt = Deno.connect({ hostname: "::1", port });
    queue.push(attempt);
    const silence = new Promise((resolve) => setTimeout(resolve, 200, true));
    isFull = await Promise.race([attempt.then(() => false), silence]) as boolean;
  }
  return {
    port,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const end of await Promise.allSettled(queue)) {
        if (end.status === "fulfilled") end.value.close();
      }
    },
  };
}

/** Starts a program with a host file of its own: `dual.test` is ::1 first, then 127.0.0.1. */
async function withDualHost(): Promise<AsyncDisposable & { readonly command: string[] }> {
  const hosts = await Deno.makeTempFile();
  await Deno.writeTextFile(hosts, "127.0.0.1 localhost\n::1 dual.test\n127.0.0.1 dual.test\n");
  const mount = `mount --bind ${hosts} /etc/hosts && exec "$@"`;
  return {
    command: ["unshare", "-rm", "sh", "-c", mount, "sh"],
    [Symbol.asyncDispose]: () => Deno.remove(hosts),
  };
}

/** Whether this system lets us give a program a host file of its own, and has IPv6 first. */
async function hasDualHost(): Promise<boolean> {
  if (!hasIpv6 || Deno.build.os !== "linux") return false;
  await using host = await withDualHost();
  const [program, ...args] = [...host.command, "getent", "ahosts", "dual.test"];
  try {
    const { stdout } = await new Deno.Command(program, { args }).output();
    return new TextDecoder().decode(stdout).startsWith("::1");
  } catch {
    return false;
  }
}

Deno.test({
  name: "if the IPv6 address of the server swallows packets, the server is reached over IPv4",
  ignore: !await hasDualHost(),
  async fn() {
    await using hole = await startBlackHole();
    await using server = await startScriptedServer({}, { port: hole.port });
    await using host = await withDualHost();
    const url = server.url.replace("127.0.0.1", "dual.test");
    const env = { ...server.env, MCP_SERVER_URL: url, MCP_ALLOW_HTTP: "true" };
    await using proxy = startProxy({ env, command: [...host.command, ...proxyCommand()] });
    await handshake({ proxy, server });
  },
});

Deno.test("if no program listens, the call has not run, and the error says why", async () => {
  const error = await errorFrom(`${NOWHERE}/mcp`);
  assertStringIncludes(error.message, "Cannot reach the MCP server: connection refused");
  assertEquals(error.data, { ...error.data, reason: "unreachable", mayHaveRun: false });
});

Deno.test("an unknown host is reported as such", async () => {
  const error = await errorFrom("https://mcp.invalid/mcp");
  assertStringIncludes(error.message, "Cannot reach the MCP server: unknown host");
  assertEquals(error.data, { ...error.data, reason: "unreachable", mayHaveRun: false });
});

Deno.test("the error of a server that speaks another protocol says that it does not speak HTTP", async () => {
  await using smtp = await startTcp("127.0.0.1", (client) => {
    client.once("data", () => client.end("220 mail.example.com ESMTP\r\n"));
  });
  const error = await errorFrom(`http://127.0.0.1:${smtp.port}/mcp`);
  assertStringIncludes(error.message, "its answer is not HTTP");
});

Deno.test("https to a server that speaks http is reported as such", async () => {
  await using server = await startScriptedServer();
  const error = await errorFrom(server.url.replace("http:", "https:"));
  assertStringIncludes(error.message, "it does not speak TLS at this port");
  assertEquals(error.data.mayHaveRun, false);
});

Deno.test("an answer that breaks off is an error that says that the request may have run", async () => {
  await using cut = await startTcp("127.0.0.1", (client) => {
    const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{";
    client.once("data", () => client.end(head));
  });
  const error = await errorFrom(`http://127.0.0.1:${cut.port}/mcp`);
  assertStringIncludes(error.message, "it closed the connection before the end of its answer");
  assertEquals(error.data.mayHaveRun, true);
});

Deno.test("a cookie with which the server finds the session again is sent with what follows", () => {
  const setCookie = { "set-cookie": "AWSALB=abc==; Path=/; Expires=Fri, 01 Jan 2100 00:00:00 GMT" };
  return withProxy(
    { initialize: (request) => reply(request, initializeResult(request), { headers: setCookie }) },
    async ({ proxy, server }) => {
      await proxy.send(call(1));
      await proxy.response(1);
      const cookies = [...server.requests].map(({ name, headers }) => [name, headers.cookie]);
      assertEquals(Object.fromEntries(cookies), {
        ...Object.fromEntries(cookies),
        token: undefined,
        initialize: undefined,
        "notifications/initialized": "AWSALB=abc==",
        "tools/call": "AWSALB=abc==",
      });
    },
  );
});

/** Serves a connection: swallows all bytes, as a peer whose packets are lost would. */
const silent = () => {};

Deno.test("a server that accepts connections and never finishes TLS: the call fails in MCP_CONNECT_TIMEOUT", async () => {
  await using server = await startScriptedServer();
  await using hole = await startTcp("127.0.0.1", silent);
  const env = {
    ...server.env,
    MCP_SERVER_URL: `https://127.0.0.1:${hole.port}/mcp`,
    MCP_CONNECT_TIMEOUT: "600ms",
  };
  await using proxy = startProxy({ env });
  await proxy.send(call(1));
  const { error } = (await proxy.response(1)).message;
  assertStringIncludes(error.message, "no connection within 0.6 s");
  assertStringIncludes(error.message, "MCP_CONNECT_TIMEOUT");
  assertEquals(error.data, { ...error.data, reason: "unreachable", mayHaveRun: false });
});

Deno.test({
  name: "a server whose address swallows packets: the call fails in MCP_CONNECT_TIMEOUT",
  ignore: !hasIpv6,
  async fn() {
    await using server = await startScriptedServer();
    await using hole = await startBlackHole();
    const env = {
      ...server.env,
      MCP_SERVER_URL: `http://[::1]:${hole.port}/mcp`,
      MCP_CONNECT_TIMEOUT: "600ms",
    };
    await using proxy = startProxy({ env });
    await proxy.send(call(1));
    const { error } = (await proxy.response(1)).message;
    assertStringIncludes(error.message, "no connection within 0.6 s");
    assertEquals(error.data, { ...error.data, reason: "unreachable", mayHaveRun: false });
  },
});

Deno.test("MCP_CONNECT_TIMEOUT does not limit the time until the answer, nor that of its stream", async () => {
  const body = openBody();
  await using server = await startScriptedServer({
    async "tools/call"({ message: { id } }) {
      await new Promise((resolve) => setTimeout(resolve, 700));
      body.send(event({ jsonrpc: "2.0", method: "notifications/x" }));
      setTimeout(() => body.send(event({ jsonrpc: "2.0", id, result: {} })), 700);
      return body.response;
    },
  });
  // Another origin than that of the token endpoint, so that the call needs a new connection.
  const url = server.url.replace("127.0.0.1", "localhost");
  const env = { ...server.env, MCP_SERVER_URL: url, MCP_CONNECT_TIMEOUT: "300ms" };
  await using proxy = startProxy({ env });
  await proxy.send(call(1));
  assertEquals((await proxy.response(1)).message.result, {});
});
