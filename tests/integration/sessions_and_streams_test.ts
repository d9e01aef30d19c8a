import { assert, assertEquals } from "@std/assert";
import {
  call,
  handshake,
  initialize,
  notification,
  result,
  withProxy,
} from "../parts/scripted_proxy.ts";
import {
  chunked,
  event,
  html,
  initializeResult,
  openBody,
  reply,
  sse,
} from "../parts/scripted_answers.ts";
import type { Answer, ScriptedRequest } from "../parts/scripted_server.ts";

const named = (name: string) => (request: ScriptedRequest) => request.name === name;

/** The headers that a session is made of. */
const sessionOf = ({ headers }: ScriptedRequest) => ({
  id: headers["mcp-session-id"],
  version: headers["mcp-protocol-version"],
});

const changed = (n: number) => notification("notifications/resources/updated", { uri: `x:${n}` });

for (
  const [revision, version] of [
    ["2025-11-25", "2025-11-25"],
    ["2025-06-18", "2025-06-18"],
    ["2025-03-26", undefined],
  ] as const
) {
  Deno.test(`${revision}: everything after initialize has the session id and ${version ?? "no"} version`, () =>
    withProxy({
      GET: () => sse(changed(1)),
    }, async ({ proxy, server }) => {
      assertEquals((await proxy.next()).message, changed(1));
      await proxy.send(call(1));
      await proxy.response(1);
      await proxy.send(notification("notifications/progress"));
      await proxy.send(result("to the server"));
      await server.requests.until(named("response"));
      await proxy.closeStdin();
      await proxy.status;
      const [first, ...others] = [...server.requests].filter(({ name }) => name !== "token");
      assertEquals([first.name, sessionOf(first)], [
        "initialize",
        { id: undefined, version: undefined },
      ]);
      const names = new Set(others.map(({ name }) => name));
      for (const name of ["GET", "DELETE", "tools/call", "response", "notifications/progress"]) {
        assert(names.has(name), name);
      }
      for (const request of others) {
        assertEquals(sessionOf(request), { id: "session-1", version }, request.name);
        assertEquals(request.headers.authorization, "Bearer test-token");
      }
    }, { revision }));
}

Deno.test("the version is the one that the server chose, also if initialize is answered on a stream", () =>
  withProxy({
    initialize: (request) => sse(result("initialize", initializeResult(request, "2025-06-18"))),
  }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    await proxy.response(1);
    assertEquals(server.received("tools/call").map(sessionOf), [
      { id: undefined, version: "2025-06-18" },
    ]);
  }));

Deno.test("a server without sessions gets no session id and no DELETE", () =>
  withProxy({
    initialize: (request) => reply(request, initializeResult(request)),
  }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    await proxy.response(1);
    await proxy.closeStdin();
    assertEquals((await proxy.status).code, 0);
    assertEquals(server.received("DELETE"), []);
    assertEquals(server.received("tools/call").map(sessionOf), [
      { id: undefined, version: "2025-11-25" },
    ]);
  }));

Deno.test("a client that initializes again starts a new session", async () => {
  let sessions = 0;
  await withProxy({
    initialize: (request) =>
      reply(request, initializeResult(request), {
        headers: { "mcp-session-id": `session-${++sessions}` },
      }),
  }, async (scripted) => {
    const { proxy, server } = scripted;
    await proxy.send(initialize("2025-06-18"));
    await proxy.response("initialize");
    await proxy.send(call(1));
    await proxy.response(1);
    assertEquals(server.received("initialize").map(sessionOf), [
      { id: undefined, version: undefined },
      { id: undefined, version: undefined },
    ]);
    assertEquals(server.received("tools/call").map(sessionOf), [
      { id: "session-2", version: "2025-06-18" },
    ]);
  });
});

Deno.test("the GET stream is opened once the client is initialized, not before", () =>
  withProxy({ GET: () => openBody().response }, async (scripted) => {
    const { proxy, server } = scripted;
    await proxy.send(initialize());
    await proxy.response("initialize");
    await proxy.send(call(1));
    await proxy.response(1);
    assertEquals(server.received("GET"), []);
    await proxy.send(notification("notifications/initialized"));
    const { headers } = await server.requests.until(named("GET"));
    assertEquals(headers.accept, "text/event-stream");
    const order = [...server.requests].map(({ name }) => name);
    assert(order.indexOf("notifications/initialized") < order.indexOf("GET"));
  }, { revision: null }));

Deno.test("messages that the server sends by itself are relayed at once, and its requests are answered", async () => {
  const stream = openBody();
  await withProxy({ GET: () => stream.response }, async ({ proxy, server }) => {
    for (const n of [1, 2, 3]) {
      stream.send(event(changed(n)));
      assertEquals((await proxy.next()).message, changed(n));
    }
    const ping = { jsonrpc: "2.0", id: 99, method: "ping" };
    stream.send(event(ping));
    assertEquals((await proxy.next()).message, ping);
    await proxy.send(result(99));
    assertEquals((await server.requests.until(named("response"))).message, result(99));
  });
});

/** How servers say that they have no GET stream. */
const NO_STREAM: Readonly<Record<string, Answer>> = {
  "405": () => new Response(null, { status: 405 }),
  "400": () => new Response("Bad request", { status: 400 }),
  "404 with a page": () => html(404),
  "501": () => new Response(null, { status: 501 }),
  "200 with a page": () => html(200),
  "200 with JSON": () => Response.json({ status: "ok" }),
};

for (const [what, answer] of Object.entries(NO_STREAM)) {
  Deno.test(`a server that answers the GET with ${what} is not asked again, and nothing is logged`, () =>
    withProxy({ GET: answer }, async ({ proxy, server }) => {
      await server.requests.until(named("GET"));
      for (let id = 0; id < 20; id++) {
        await proxy.send(call(id));
        assertEquals((await proxy.next()).message, result(id));
      }
      await proxy.closeStdin();
      assertEquals((await proxy.status).code, 0);
      assertEquals(server.received("GET").length, 1);
      assertEquals(proxy.lines.length, 21);
      assert(!/GET|stream/.test(proxy.stderr), proxy.stderr);
    }));
}

Deno.test("a GET stream that ends is opened again from its last event, after the time that the server named", () => {
  const last = openBody();
  const streams = [
    chunked(["retry: 1\n\n", event(changed(1), "event-1")]),
    sse(),
    chunked([event(changed(2), "event-2")]),
    last.response,
  ];
  return withProxy({ GET: () => streams.shift()! }, async ({ proxy, server }) => {
    for (const n of [1, 2]) assertEquals((await proxy.next()).message, changed(n));
    await server.requests.until(named("GET"), 4);
    last.send(event(changed(3), "event-3"));
    assertEquals((await proxy.next()).message, changed(3));
    assertEquals(
      server.received("GET").map(({ headers }) => headers["last-event-id"]),
      [undefined, "event-1", "event-1", "event-2"],
    );
  });
});

Deno.test("a GET stream that is cut is opened again", () => {
  const first = openBody();
  const second = openBody();
  const streams = [first, second];
  return withProxy({ GET: () => streams.shift()!.response }, async ({ proxy, server }) => {
    first.send("retry: 1\n\n" + event(changed(1)));
    await proxy.next();
    first.cut();
    await server.requests.until(named("GET"), 2);
    second.send(event(changed(2)));
    assertEquals((await proxy.next()).message, changed(2));
  });
});

Deno.test("when a GET stream is opened again, the log level and the subscriptions are sent again", async () => {
  const streams = [openBody(), openBody(), openBody()];
  const rest = [...streams];
  streams[0].send("retry: 10\n\n");
  streams[1].send("retry: 10\n" + event(changed(1), "e1"));
  const subscribe = (id: number, uri: string) => ({
    jsonrpc: "2.0",
    id,
    method: "resources/subscribe",
    params: { uri },
  });
  const answer: Answer = (request) => reply(request, {});
  const script = {
    GET: () => rest.shift()!.response,
    "resources/subscribe": answer,
    "resources/unsubscribe": answer,
    "logging/setLevel": answer,
  };
  await withProxy(script, async ({ proxy, server }) => {
    await server.requests.until(named("GET"));
    const setLevel = {
      jsonrpc: "2.0",
      id: 1,
      method: "logging/setLevel",
      params: { level: "info" },
    };
    const unsubscribe = { ...subscribe(4, "x:2"), method: "resources/unsubscribe" };
    for (const message of [setLevel, subscribe(2, "x:1"), subscribe(3, "x:2"), unsubscribe]) {
      await proxy.send(message);
      await proxy.response(message.id);
    }
    streams[0].cut();
    await server.requests.until(named("resources/subscribe"), 3);
    assertEquals(
      ["logging/setLevel", "resources/subscribe"].map((name) =>
        server.received(name).map(({ message }) => message.params)
      ),
      [[{ level: "info" }, { level: "info" }], [{ uri: "x:1" }, { uri: "x:2" }, { uri: "x:1" }]],
    );
    assertEquals((await proxy.next()).message, changed(1));
    streams[1].cut();
    const { headers } = await server.requests.until(named("GET"), 3);
    assertEquals(headers["last-event-id"], "e1");
    streams[2].send(event(changed(2)));
    assertEquals((await proxy.next()).message, changed(2));
    assertEquals(server.received("resources/subscribe").length, 3, "this server knows the session");
    assertEquals(server.received("initialize").length, 1);
  });
});

Deno.test("a server that ends its stream again and again gets the log level and the subscriptions once at a time", async () => {
  let streams = 0;
  const isSubscribed = Promise.withResolvers<void>();
  const never = new Promise<Response>(() => {});
  const subscribe = {
    jsonrpc: "2.0",
    id: 1,
    method: "resources/subscribe",
    params: { uri: "x:1" },
  };
  await withProxy({
    GET: async () => {
      await isSubscribed.promise;
      return chunked(["retry: 1\n" + event(changed(++streams))]);
    },
    "resources/subscribe": (request) =>
      request.message.id === 1 && streams === 0 ? reply(request, {}) : never,
  }, async ({ proxy, server }) => {
    await proxy.send(subscribe);
    await proxy.response(1);
    isSubscribed.resolve();
    await server.requests.until(named("GET"), 5);
    assertEquals(server.received("resources/subscribe").length, 2);
  });
});

Deno.test("a response on the GET stream is an answer too", async () => {
  const stream = openBody();
  await withProxy({
    GET: () => stream.response,
    "tools/call": ({ message }) => {
      stream.send(event(result(message.id, { by: "GET" })));
      return openBody().response;
    },
  }, async ({ proxy, server }) => {
    await server.requests.until(named("GET"));
    await proxy.send(call(1));
    assertEquals((await proxy.next()).message, result(1, { by: "GET" }));
  });
});

Deno.test("messages of the GET stream and of calls do not wait for each other", async () => {
  const stream = openBody();
  const slow = openBody();
  await withProxy({
    GET: () => stream.response,
    "tools/call": (request) => request.message.id === "slow" ? slow.response : reply(request, {}),
  }, async ({ proxy, server }) => {
    await proxy.send(call("slow"));
    await server.requests.until(named("tools/call"));
    stream.send(event(changed(1)));
    assertEquals((await proxy.next()).message, changed(1));
    await proxy.send(call("fast"));
    assertEquals((await proxy.next()).message, result("fast"));
    slow.send(event(result("slow")));
    assertEquals((await proxy.next()).message, result("slow"));
  });
});

Deno.test("two handshakes, one GET stream: the second session's", async () => {
  let sessions = 0;
  await withProxy({
    initialize: (request) =>
      reply(request, initializeResult(request), {
        headers: { "mcp-session-id": `session-${++sessions}` },
      }),
    GET: () => openBody().response,
  }, async (scripted) => {
    const { server } = scripted;
    const { closed } = await server.requests.until(named("GET"));
    await handshake(scripted);
    await closed;
    const second = await server.requests.until(named("GET"), 2);
    assertEquals(sessionOf(second), { id: "session-2", version: "2025-11-25" });
  });
});
