import { assert, assertEquals } from "@std/assert";
import { proxyCommand, proxyEnvironment, startProxy } from "../parts/proxy.ts";
import {
  call,
  handshake,
  initialize,
  notification,
  result,
  withProxy,
} from "../parts/scripted_proxy.ts";
import { modern, modernCall } from "../parts/modern_messages.ts";
import { event, openBody, reply, token } from "../parts/scripted_answers.ts";
import { type ScriptedRequest, startScriptedServer } from "../parts/scripted_server.ts";

const named = (name: string) => (request: ScriptedRequest) => request.name === name;
const isCall = named("tools/call");

Deno.test("stdin closed at once: nothing is sent, not even for a token, and the exit code is 0", () =>
  withProxy({}, async ({ proxy, server }) => {
    await proxy.closeStdin();
    assertEquals((await proxy.status).code, 0);
    assertEquals([[...server.requests], proxy.lines], [[], []]);
  }, { revision: null }));

Deno.test("stdin closed: what is in flight is answered, then the session is ended, then exit 0", async () => {
  const release = Promise.withResolvers<void>();
  const stream = openBody();
  await withProxy({
    "tools/call": async (request) => {
      if (request.message.id === 0) return stream.response;
      await release.promise;
      return reply(request, {});
    },
  }, async ({ proxy, server }) => {
    const ids = Array.from({ length: 10 }, (_, index) => index);
    for (const id of ids) await proxy.send(call(id));
    await server.requests.until(isCall, ids.length);
    await proxy.closeStdin();
    stream.send(event(result(0)));
    assertEquals((await proxy.response(0)).message, result(0));
    release.resolve();
    for (const id of ids.slice(1)) {
      assertEquals((await proxy.response(id)).message, result(id));
    }
    assertEquals((await proxy.status).code, 0);
    assertEquals(
      server.received("DELETE").map(({ headers }) => headers["mcp-session-id"]),
      ["session-1"],
    );
    assertEquals([...server.requests].at(-1)?.name, "DELETE");
  });
});

Deno.test("requests written together with the end of stdin are answered", () =>
  withProxy({}, async ({ proxy, server }) => {
    const lines = [initialize(), { jsonrpc: "2.0", method: "notifications/initialized" }, call(1)];
    await proxy.send(lines.map((message) => JSON.stringify(message)).join("\n"));
    await proxy.closeStdin();
    assertEquals((await proxy.status).code, 0);
    assertEquals(proxy.lines.map(({ message }) => message.id), ["initialize", 1]);
    assertEquals(server.received("DELETE").length, 1);
  }, { revision: null }));

Deno.test("stdin closed: the proxy also ends while a GET stream is open", () =>
  withProxy({ GET: () => openBody().response }, async ({ proxy, server }) => {
    const { closed } = await server.requests.until(named("GET"));
    await proxy.closeStdin();
    assertEquals((await proxy.status).code, 0);
    await closed;
    assertEquals(server.received("DELETE").length, 1);
  }));

Deno.test("stdin closed: a subscription on which the server keeps talking ends at once; a call is answered", async () => {
  const subscription = openBody();
  const release = Promise.withResolvers<void>();
  const talk = setInterval(() => subscription.send(event(notification("notifications/x"))), 50);
  try {
    await withProxy({
      "subscriptions/listen": () => subscription.response,
      "tools/call": async (request) => {
        await release.promise;
        return reply(request, {});
      },
    }, async ({ proxy, server }) => {
      await proxy.send(modern("changes", "subscriptions/listen"));
      const { closed } = await server.requests.until(named("subscriptions/listen"));
      closed.then(() => clearInterval(talk));
      await proxy.send(modernCall(1));
      await server.requests.until(isCall);
      await proxy.closeStdin();
      await closed;
      assertEquals((await proxy.response("changes")).message.error.data.reason, "shutdown");
      release.resolve();
      assertEquals((await proxy.response(1)).message, result(1));
      assertEquals((await proxy.status).code, 0);
    }, { revision: null });
  } finally {
    clearInterval(talk);
  }
});

for (const status of [405, 404, 500]) {
  Deno.test(`a server that answers the DELETE with ${status} does no harm`, () =>
    withProxy({ DELETE: () => new Response(null, { status }) }, async ({ proxy, server }) => {
      await proxy.closeStdin();
      assertEquals((await proxy.status).code, 0);
      assertEquals(server.received("DELETE").length, 1);
    }));
}

Deno.test("a server that never answers the DELETE does not keep the proxy from ending", () =>
  withProxy({ DELETE: () => new Promise<never>(() => {}) }, async ({ proxy }) => {
    await proxy.closeStdin();
    assertEquals((await proxy.status).code, 0);
  }));

Deno.test("an authorization server that never answers does not keep the proxy from ending", () => {
  const tokens = [() => token()];
  return withProxy({
    // The end of the session would need a new token.
    DELETE: () => new Response(null, { status: 401 }),
    token: () => tokens.shift()?.() ?? new Promise<never>(() => {}),
  }, async ({ proxy, server }) => {
    await proxy.closeStdin();
    assertEquals((await proxy.status).code, 0);
    assertEquals([server.received("DELETE").length, server.received("token").length], [1, 2]);
    // A token request has 30 s.
  }, { timeoutMs: 25_000 });
});

Deno.test("the proxy ends quietly if the reader closes stdout", async () => {
  await using server = await startScriptedServer();
  const [program, ...args] = proxyCommand();
  const child = new Deno.Command(program, {
    args,
    env: proxyEnvironment(server.env),
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await child.stdout.cancel();
  const stdin = child.stdin.getWriter();
  await stdin.write(new TextEncoder().encode(JSON.stringify(initialize()) + "\n"));
  // Stdin stays open: it is the answer, which nobody can read, that ends it.
  const { code } = await child.status;
  await stdin.close().catch(() => {});
  const log = await new Response(child.stderr).text();
  assertEquals(code, 0, log);
  assert(!/error|fault|EPIPE/i.test(log), log);
});

Deno.test("idle connections that the server has closed cause no errors", () =>
  withProxy({}, async ({ proxy, server }) => {
    for (let id = 0; id < 5; id++) {
      await proxy.send(call(id));
      assertEquals((await proxy.next()).message, result(id));
      await server.endConnections();
    }
    assertEquals(server.received("tools/call").length, 5);
  }));

Deno.test("a call that the server may have acted on is not sent again, even on a reused connection", () =>
  withProxy({ "tools/call": () => Response.error() }, async ({ proxy, server }) => {
    for (let id = 0; id < 3; id++) {
      await proxy.send({ jsonrpc: "2.0", id: `ping ${id}`, method: "ping" });
      await proxy.response(`ping ${id}`);
      await proxy.send(call(id));
      const { message: { error } } = await proxy.response(id);
      assertEquals([error.data.reason, error.data.mayHaveRun], ["interrupted", true]);
    }
    assertEquals(server.received("tools/call").length, 3);
  }));

Deno.test("a server that was down and is back is used again without an error", async () => {
  const first = await startScriptedServer();
  const port = Number(new URL(first.url).port);
  await using proxy = startProxy({ env: first.env });
  await handshake({ proxy, server: first });
  await proxy.send(call(1));
  await proxy.response(1);
  await first.endConnections();
  await first.close();
  await proxy.send(call("while it is away"));
  await using second = await startScriptedServer({}, { port });
  assertEquals(
    (await proxy.response("while it is away")).message,
    result("while it is away"),
  );
  await proxy.send(call(2));
  assertEquals((await proxy.response(2)).message, result(2));
  assertEquals(second.received("tools/call").length, 2);
});

Deno.test("a GET stream is opened again after the server was down", async () => {
  const stream = openBody();
  stream.send("retry: 1\n\n");
  const first = await startScriptedServer({ GET: () => stream.response });
  const port = Number(new URL(first.url).port);
  await using proxy = startProxy({ env: first.env });
  await handshake({ proxy, server: first });
  await first.requests.until(named("GET"));
  const ping = { jsonrpc: "2.0", id: 1, method: "ping" };
  stream.send(event(ping));
  await proxy.next();
  await first.close();
  const again = openBody();
  await using second = await startScriptedServer({ GET: () => again.response }, { port });
  await second.requests.until(named("GET"));
  again.send(event({ ...ping, id: 2 }));
  assertEquals((await proxy.next()).message, { ...ping, id: 2 });
});
