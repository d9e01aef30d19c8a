import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { accepted, chunked, event, jsonText, openBody, reply } from "../parts/scripted_answers.ts";
import { call, initialize, notification, result, withProxy } from "../parts/scripted_proxy.ts";
import { proxyCommand, proxyEnvironment } from "../parts/proxy_command.ts";
import { readLines } from "../parts/read_lines.ts";
import {
  type Script,
  type ScriptedRequest,
  startScriptedServer,
} from "../parts/scripted_server.ts";
import { modern } from "../parts/modern_messages.ts";

const named = (name: string) => (request: ScriptedRequest) => request.name === name;

// The largest message.

const LIMIT = { env: { MCP_MAX_MESSAGE_BYTES: "10000" } };
const LONG = "x".repeat(20_000);

Deno.test("a line beyond the limit gets an error with its id, is not sent, and the proxy goes on", () =>
  withProxy({}, async ({ proxy, server }) => {
    await proxy.send(call(1, "echo", { text: LONG }));
    const { error } = (await proxy.response(1)).message;
    assertEquals([error.data.reason, error.data.mayHaveRun], ["too_large", false]);
    assertStringIncludes(error.message, "MCP_MAX_MESSAGE_BYTES");
    await proxy.send(notification("notifications/progress", { message: LONG }));
    await proxy.send(call(2));
    assertEquals((await proxy.response(2)).message, result(2));
    assertEquals(server.received("tools/call").length, 1);
    assertEquals(server.received("notifications/progress"), []);
  }, LIMIT));

for (
  const [what, answer] of Object.entries<(text: string) => Response>({
    "JSON answer": jsonText,
    "JSON answer of unknown length": (text) =>
      chunked([text.slice(0, 50), text.slice(50)], {
        headers: { "content-type": "application/json" },
      }),
    "message on a stream": (text) =>
      chunked([`data: ${text.slice(0, 50)}`, `${text.slice(50)}\n\n`]),
  })
) {
  Deno.test(`a ${what} beyond the limit is an error that says that the call may have run`, () =>
    withProxy({
      "tools/call": ({ message: { id, params } }) =>
        answer(JSON.stringify(result(id, params.name === "long" ? { text: LONG } : {}))),
    }, async ({ proxy, server }) => {
      await proxy.send(call(1, "long"));
      const { error } = (await proxy.response(1)).message;
      assertEquals([error.data.reason, error.data.mayHaveRun], ["too_large", true]);
      assertStringIncludes(error.message, "MCP_MAX_MESSAGE_BYTES");
      await proxy.send(call(2, "short"));
      assertEquals((await proxy.response(2)).message, result(2));
      assertEquals(server.received("tools/call").length, 2);
    }, LIMIT));
}

Deno.test("many small messages do not reach the limit of one message, and the limit has an option", () =>
  withProxy({
    "tools/call": ({ message: { id } }) => {
      const message = event(notification("notifications/message", { data: "x".repeat(500) }));
      return chunked([...Array<string>(100).fill(message), event(result(id))]);
    },
  }, async ({ proxy }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message, result(1));
    assertEquals(proxy.lines.length, 102);
  }, { args: ["--max-message-bytes", "10000"] }));

// Requests in flight.

/** Answers each call when the test says so: two that are in flight may arrive in any order. */
function holding() {
  const held = new Map<unknown, () => void>();
  const script: Script = {
    "tools/call": (request) =>
      new Promise((resolve) => held.set(request.message.id, () => resolve(reply(request, {})))),
  };
  return { script, release: (id: number) => held.get(id)!() };
}

const inFlight = (count: number) => ({ env: { MCP_MAX_IN_FLIGHT: String(count) } });

Deno.test("requests beyond the limit wait, and are sent in order as others are answered", () => {
  const { script, release } = holding();
  return withProxy(script, async ({ proxy, server }) => {
    const ids = [1, 2, 3, 4, 5];
    for (const id of ids) await proxy.send(call(id));
    await server.requests.until(named("tools/call"), 2);
    // What is no request does not wait, and shows that the requests would be here.
    await proxy.send(notification("notifications/progress"));
    await server.requests.until(named("notifications/progress"));
    for (const id of ids) {
      assertEquals(server.received("tools/call").length, Math.min(id + 1, 5));
      release(id);
      await proxy.response(id);
      if (id < 4) await server.requests.until(named("tools/call"), id + 2);
    }
    assertEquals(server.received("tools/call").map(({ message }) => message.id).toSorted(), ids);
  }, inFlight(2));
});

Deno.test("a request that is cancelled while it waits is not sent, and not answered", () => {
  const { script, release } = holding();
  return withProxy(script, async ({ proxy, server }) => {
    for (const id of [1, 2, 3]) await proxy.send(call(id));
    await server.requests.until(named("tools/call"));
    await server.requests.until(named("tools/call"));
    await proxy.send(notification("notifications/cancelled", { requestId: 2 }));
    await proxy.send(notification("notifications/progress"));
    await server.requests.until(named("notifications/progress"));
    release(1);
    await proxy.response(1);
    await server.requests.until(named("tools/call"), 2);
    release(3);
    await proxy.response(3);
    assertEquals(server.received("tools/call").map(({ message }) => message.id), [1, 3]);
    assertEquals(proxy.lines.map(({ message }) => message.id), ["initialize", 1, 3]);
    assertEquals(server.received("notifications/cancelled"), [], "it never heard of the request");
  }, inFlight(1));
});

Deno.test("a response to the server overtakes requests that wait for the request that needs it", () => {
  const body = openBody();
  return withProxy({
    "tools/call": (request) => request.message.id === 0 ? body.response : reply(request, {}),
  }, async ({ proxy, server }) => {
    for (let id = 0; id < 100; id++) await proxy.send(call(id));
    await server.requests.until(named("tools/call"));
    const question = { jsonrpc: "2.0", id: "q", method: "elicitation/create", params: {} };
    body.send(event(question));
    assertEquals((await proxy.next()).message, question);
    await proxy.send(result("q", {}));
    await server.requests.until(named("response"));
    body.send(event(result(0)));
    for (let id = 0; id < 100; id++) assertEquals((await proxy.response(id)).message, result(id));
  }, inFlight(1));
});

Deno.test("the cancellation of a hanging request overtakes all requests that wait for it", () =>
  withProxy({
    "tools/call": (request) =>
      request.message.params.name === "hang" ? new Promise<never>(() => {}) : reply(request, {}),
  }, async ({ proxy, server }) => {
    const ids = Array.from({ length: 600 }, (_, id) => id);
    for (const id of ids) await proxy.send(call(id, "hang"));
    await server.requests.until(named("tools/call"), 4);
    for (const requestId of ids) {
      await proxy.send(notification("notifications/cancelled", { requestId }));
    }
    await proxy.send(call("after"));
    assertEquals((await proxy.response("after")).message, result("after"));
  }, inFlight(4)));

Deno.test("an answer on another stream frees the slot of its request, even if its own stream stays open", () => {
  const others = openBody();
  return withProxy({
    GET: () => others.response,
    "tools/call": () => openBody().response,
  }, async ({ proxy, server }) => {
    for (const id of [1, 2]) {
      await proxy.send(call(id));
      await server.requests.until(named("tools/call"), id);
      others.send(event(result(id)));
      assertEquals((await proxy.response(id)).message, result(id));
    }
    for (const { closed } of server.received("tools/call")) await closed;
  }, inFlight(1));
});

Deno.test("a subscription takes no slot from other requests", () =>
  withProxy({ "subscriptions/listen": () => openBody().response }, async ({ proxy, server }) => {
    await proxy.send(modern("subscription", "subscriptions/listen"));
    await server.requests.until(named("subscriptions/listen"));
    await proxy.send(modern(1, "tools/list"));
    assertEquals((await proxy.response(1)).message, result(1));
  }, { revision: null, ...inFlight(1) }));

Deno.test("thousands of requests at once are all answered", () =>
  withProxy({}, async ({ proxy }) => {
    const ids = Array.from({ length: 3_000 }, (_, id) => id);
    await proxy.send(ids.map((id) => JSON.stringify(call(id))).join("\n"));
    for (const id of ids) assertEquals((await proxy.response(id)).message, result(id));
  }));

// Backpressure: a client that does not read holds back the server, not the proxy's memory.

const CHUNK = 64 << 10;
const CHUNKS = 2_000;

/**
 * A stream of many messages that are made when they are asked for.
 *
 * @param head what comes first
 * @param last what comes behind them
 * @param gates what comes in between, in its time
 */
function flood(head: string, last: string, gates: Promise<string>[] = []) {
  const encoder = new TextEncoder();
  const text = event(notification("notifications/message", { data: "x".repeat(CHUNK) }));
  let made = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => controller.enqueue(encoder.encode(head)),
    async pull(controller) {
      for (let gate = gates.shift(); gate; gate = gates.shift()) {
        controller.enqueue(encoder.encode(await gate));
      }
      if (made++ < CHUNKS) return controller.enqueue(encoder.encode(text));
      controller.enqueue(encoder.encode(last));
      controller.close();
    },
  });
  const headers = { "content-type": "text/event-stream" };
  return { response: () => new Response(body, { headers }), made: () => made };
}

/** Resolves with a number once it no longer grows; that nothing happens is no event to wait for. */
async function atRest(read: () => number): Promise<number> {
  for (let before = -1, now = read(), still = 0; still < 5; before = now, now = read()) {
    still = before === now && now > 0 ? still + 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return read();
}

/** Runs the proxy with a client that does not read until the server has been held back. */
async function floodedClient(
  script: (last: string) => { script: Script; made: () => number },
  ...messages: unknown[]
): Promise<void> {
  const last = event(notification("notifications/message", { data: "last" }));
  const { script: answers, made } = script(last);
  await using server = await startScriptedServer(answers);
  const [command, ...args] = proxyCommand();
  const child = new Deno.Command(command, {
    args,
    env: proxyEnvironment({ ...server.env, MCP_LOG_LEVEL: "error" }),
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), 120_000);
  const stdin = child.stdin.getWriter();
  try {
    for (const message of messages) {
      await stdin.write(new TextEncoder().encode(JSON.stringify(message) + "\n"));
    }
    // The rest is in the buffers of the sockets and of the pipe.
    assert(await atRest(made) * CHUNK < 64 << 20, `${made()} of ${CHUNKS} chunks taken`);
    const heard: number[] = [];
    await readLines(child.stdout, (line) => {
      heard.push(line.length);
      if (line.includes('"last"')) stdin.close();
    });
    assertEquals(heard.filter((length) => length > CHUNK).length, CHUNKS);
    assertEquals((await child.status).code, 0);
  } finally {
    await stdin.close().catch(() => {});
    await child.status;
    clearTimeout(timer);
  }
}

Deno.test("backpressure: a response stream waits for a slow reader of stdout", () =>
  floodedClient((last) => {
    const { response, made } = flood("", event(result(1)) + last);
    return { script: { "tools/call": response }, made };
  }, call(1)));

Deno.test("backpressure: a stream of 2026-07-28 waits for a slow reader of stdout", () =>
  floodedClient((last) => {
    const { response, made } = flood("", last + event(result(1)));
    return { script: { "subscriptions/listen": response }, made };
  }, modern(1, "subscriptions/listen")));

Deno.test("backpressure: the GET stream waits for a slow reader of stdout", () =>
  floodedClient(
    (last) => {
      const { response, made } = flood("", last);
      const streams = [response];
      return {
        script: { GET: () => streams.shift()?.() ?? new Response(null, { status: 405 }) },
        made,
      };
    },
    initialize(),
    notification("notifications/initialized"),
  ));

Deno.test("backpressure: the stream of HTTP+SSE waits for a slow reader of stdout", () =>
  floodedClient(
    (last) => {
      const initialized = Promise.withResolvers<void>();
      const asked = Promise.withResolvers<void>();
      const answer = event(result("initialize", { protocolVersion: "2024-11-05" }));
      const gates = [
        asked.promise.then(() => answer),
        initialized.promise.then(() => ""),
      ];
      const { response, made } = flood("event: endpoint\ndata: /messages\n\n", last, gates);
      return {
        script: {
          initialize: () => new Response(null, { status: 404 }),
          GET: response,
          "/messages": ({ message: { method } }) => {
            (method === "initialize" ? asked : initialized).resolve();
            return accepted();
          },
        },
        made,
      };
    },
    initialize(),
    notification("notifications/initialized"),
  ));
