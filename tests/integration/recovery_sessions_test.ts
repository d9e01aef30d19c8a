import { assert, assertEquals } from "@std/assert";
import { accepted, event, initializeResult, openBody, reply } from "../parts/scripted_answers.ts";
import { call, handshake, initialize, notification, result } from "../parts/scripted_proxy.ts";
import { type Scripted, withProxy } from "../parts/scripted_proxy.ts";
import type { Answer, Script, ScriptedRequest } from "../parts/scripted_server.ts";

// A session that the server has lost is begun anew, unseen by the client.

const named = (name: string) => (request: ScriptedRequest) => request.name === name;

const notFound = () => new Response("Session not found", { status: 404 });

/**
 * A server that knows the latest session only; `lose()` makes it forget that one. What the script
 * says holds for requests of the session that it knows.
 */
function forgetful(script: Script = {}, refusal: () => Response = notFound) {
  let latest = 0;
  let isKnown = true;
  const inSession = (answer: Answer): Answer => (request) => {
    const id = request.headers["mcp-session-id"];
    return isKnown && id === `session-${latest}` ? answer(request) : refusal();
  };
  const known: Answer = (request) => {
    const { id, method } = request.message;
    return id !== undefined && method ? reply(request, {}) : accepted();
  };
  const methods = ["tools/call", "tools/list", "resources/subscribe", "resources/unsubscribe"];
  const names = [...methods, "notifications/initialized", "notifications/progress"];
  const answers = Object.fromEntries(names.map((name) => [name, known]));
  const { initialize: begin = null, ...others } = script;
  return {
    script: {
      ...Object.fromEntries(
        Object.entries({ ...answers, ...others }).map(([name, to]) => [name, inSession(to)]),
      ),
      initialize: async (request: ScriptedRequest) => {
        if (begin) return await begin(request);
        isKnown = true;
        const headers = { "mcp-session-id": `session-${++latest}` };
        return reply(request, initializeResult(request), { headers });
      },
    },
    lose: () => void (isKnown = false),
    /** Begins a session for a script of its own. */
    next: () => {
      isKnown = true;
      return { "mcp-session-id": `session-${++latest}` };
    },
  };
}

/** Names and sessions of what came, the token requests left out. */
function came({ server }: Scripted): [name: string, session: string | undefined][] {
  return [...server.requests].filter(({ name }) => name !== "token" && name !== "GET")
    .map(({ name, headers }) => [name, headers["mcp-session-id"]]);
}

for (
  const [what, refusal] of Object.entries<() => Response>({
    "404": notFound,
    "404 with a JSON-RPC error": () =>
      Response.json(
        { jsonrpc: "2.0", id: null, error: { code: -32001, message: "Session not found" } },
        { status: 404 },
      ),
    "400, no valid session": () =>
      Response.json(
        { jsonrpc: "2.0", id: null, error: { code: -32000, message: "No valid session ID" } },
        { status: 400 },
      ),
  })
) {
  Deno.test(`a lost session (${what}) is started again with the client's own initialize, and the call is repeated`, () => {
    const { script, lose } = forgetful({}, refusal);
    return withProxy(script, async (scripted) => {
      const { proxy, server } = scripted;
      lose();
      await proxy.send(call(1));
      assertEquals((await proxy.next(({ message }) => message.id === 1)).message, result(1));
      assertEquals(came(scripted), [
        ["initialize", undefined],
        ["notifications/initialized", "session-1"],
        ["tools/call", "session-1"],
        ["initialize", undefined],
        ["notifications/initialized", "session-2"],
        ["tools/call", "session-2"],
      ]);
      for (const name of ["initialize", "notifications/initialized", "tools/call"]) {
        const [first, second] = server.received(name);
        assertEquals(second.body, first.body, name);
      }
      assertEquals(proxy.lines.length, 2, "the client sees one handshake and one answer");
      await proxy.closeStdin();
      await proxy.status;
      assertEquals(server.received("DELETE").map((r) => r.headers["mcp-session-id"]), [
        "session-2",
      ]);
    });
  });
}

Deno.test("a 401 that a new token does not solve, and that mentions the session, is a lost session", () => {
  const refusal = () => new Response("Unauthorized: Session not found", { status: 401 });
  const { script, lose } = forgetful({}, refusal);
  return withProxy(script, async ({ proxy, server }) => {
    lose();
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message, result(1));
    assertEquals(server.received("initialize").length, 2);
  });
});

Deno.test("many messages that wait share one new session", () => {
  const { script, lose } = forgetful();
  return withProxy(script, async (scripted) => {
    const { proxy, server } = scripted;
    lose();
    const calls = Array.from({ length: 100 }, (_, id) => call(id));
    await proxy.send(calls.map((message) => JSON.stringify(message)).join("\n"));
    for (const { id } of calls) assertEquals((await proxy.response(id)).message, result(id));
    assertEquals(server.received("initialize").length, 2);
    const ran = came(scripted).filter(([name, id]) => name === "tools/call" && id === "session-2");
    assertEquals(ran.length, calls.length, "each once");
  });
});

Deno.test("nothing is sent in a new session before its handshake has ended", async () => {
  const agree = Promise.withResolvers<void>();
  const { script, lose, next } = forgetful({
    initialize: async (request) => {
      const again = came(scripted).filter(([name]) => name === "initialize").length > 1;
      if (again) await agree.promise;
      return reply(request, initializeResult(request), { headers: next() });
    },
  });
  let scripted: Scripted;
  await withProxy(script, async (started) => {
    scripted = started;
    const { proxy, server } = started;
    await handshake(started);
    lose();
    await proxy.send(call(1));
    await server.requests.until(named("initialize"), 2);
    await proxy.send(call(2));
    await proxy.send(result("for the server"));
    agree.resolve();
    for (const id of [1, 2]) await proxy.response(id);
    const since = came(started).slice(
      came(started).findLastIndex(([name]) => name === "initialize"),
    );
    assertEquals(since.slice(0, 2), [
      ["initialize", undefined],
      ["notifications/initialized", "session-2"],
    ]);
    assert(since.slice(2).every(([, session]) => session === "session-2"));
  }, { revision: null });
});

Deno.test("active subscriptions are made again in the new session, and no others", () => {
  const { script, lose } = forgetful();
  return withProxy(script, async ({ proxy, server }) => {
    const ask = async (id: string, method: string, uri: string) => {
      await proxy.send({ jsonrpc: "2.0", id, method, params: { uri } });
      await proxy.response(id);
    };
    await ask("1", "resources/subscribe", "note://a");
    await ask("2", "resources/subscribe", "note://b");
    await ask("3", "resources/unsubscribe", "note://a");
    lose();
    await ask("4", "tools/list", "");
    const again = server.received("resources/subscribe").slice(2);
    assertEquals(again.map(({ message }) => message.params.uri), ["note://b"]);
    assertEquals(again[0].headers["mcp-session-id"], "session-2");
    assertEquals(proxy.lines.length, 5, "the answers to them are not seen");
  });
});

Deno.test("the log level is set again, without waiting for a stream that stays open after the answer", async () => {
  const { script, lose } = forgetful({
    "logging/setLevel": ({ message: { id } }) => {
      const body = openBody();
      body.send(event(result(id)));
      return body.response;
    },
  });
  await withProxy(script, async ({ proxy, server }) => {
    const params = { level: "debug" };
    await proxy.send({ jsonrpc: "2.0", id: 1, method: "logging/setLevel", params });
    await proxy.response(1);
    lose();
    await proxy.send(call(2));
    assertEquals((await proxy.response(2)).message, result(2));
    const [first, second] = server.received("logging/setLevel");
    assertEquals(second.body, first.body);
    assertEquals(second.headers["mcp-session-id"], "session-2");
  });
});

Deno.test("a new session does not wait for the end of a stream that answers `initialized`", () => {
  const { script, lose } = forgetful({ "notifications/initialized": () => openBody().response });
  return withProxy(script, async ({ proxy, server }) => {
    lose();
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message, result(1));
    await server.received("notifications/initialized")[1].closed;
  });
});

Deno.test("later requests declare the revision of the new session", () => {
  let revision = "2025-06-18";
  const { script, lose, next } = forgetful({
    initialize: (request) => {
      const headers = next();
      return reply(request, initializeResult(request, revision), { headers });
    },
  });
  return withProxy(script, async ({ proxy, server }) => {
    lose();
    revision = "2025-11-25";
    await proxy.send(call(1));
    await proxy.response(1);
    const versions = server.received("tools/call").map((r) => r.headers["mcp-protocol-version"]);
    assertEquals(versions, ["2025-06-18", "2025-11-25"]);
  });
});

Deno.test("a notification that finds the session lost arrives in the new session", () => {
  const { script, lose } = forgetful();
  return withProxy(script, async (scripted) => {
    const { proxy, server } = scripted;
    lose();
    await proxy.send(notification("notifications/progress", { progress: 1 }));
    await server.requests.until((request) =>
      request.name === "notifications/progress" &&
      request.headers["mcp-session-id"] === "session-2"
    );
  });
});

Deno.test("a server that loses each session at once gets an error to its calls, and no storm of sessions", () => {
  const { script } = forgetful({ "tools/call": notFound });
  return withProxy(script, async ({ proxy, server }) => {
    await proxy.send(call(1));
    const { data } = (await proxy.response(1)).message.error;
    assertEquals([data.status, data.mayHaveRun], [404, false]);
    assertEquals(server.received("initialize").length, 1 + 2);
    assertEquals(server.received("tools/call").length, 1 + 2);
  });
});

Deno.test("an unknown method does not count as a lost session, whatever the status", () => {
  const error = { code: -32601, message: "Method not found" };
  const { script } = forgetful({
    "tools/call": ({ message: { id } }) =>
      Response.json({ jsonrpc: "2.0", id, error }, { status: 404 }),
  });
  return withProxy(script, async ({ proxy, server }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message.error, error);
    assertEquals(server.received("initialize").length, 1);
  });
});

Deno.test("if no new session can be started, the call was not sent, and the next call tries again", () => {
  const answers: Answer[] = [];
  const { script, lose, next } = forgetful({
    initialize: (request) =>
      answers.shift()?.(request) ??
        reply(request, initializeResult(request), { headers: next() }),
  });
  return withProxy(script, async ({ proxy, server }) => {
    lose();
    answers.push(() => new Response(null, { status: 500 }));
    await proxy.send(call(1));
    const { data } = (await proxy.response(1)).message.error;
    assertEquals([data.status, data.mayHaveRun], [500, false]);
    await proxy.send(call(2));
    assertEquals((await proxy.response(2)).message, result(2));
    const ran = server.received("tools/call").map((
      r,
    ) => [r.message.id, r.headers["mcp-session-id"]]);
    assertEquals(ran, [[1, "session-1"], [2, "session-1"], [2, "session-2"]]);
  });
});

Deno.test("a handshake that breaks while a new session starts is tried again", () => {
  const answers: Answer[] = [];
  const { script, lose, next } = forgetful({
    initialize: (request) =>
      answers.shift()?.(request) ??
        reply(request, initializeResult(request), { headers: next() }),
  });
  return withProxy(script, async ({ proxy }) => {
    lose();
    answers.push(
      () => Response.error(),
      () => new Response(null, { status: 503, headers: { "retry-after": "0" } }),
    );
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message, result(1));
  });
});

Deno.test("a client that starts a session while the proxy starts one keeps its own", async () => {
  const agree = Promise.withResolvers<void>();
  let handshakes = 0;
  const { script, lose, next } = forgetful({
    initialize: async (request) => {
      const headers = next();
      if (++handshakes === 2) await agree.promise;
      return reply(request, initializeResult(request), { headers });
    },
  });
  await withProxy(script, async (scripted) => {
    const { proxy, server } = scripted;
    lose();
    await proxy.send(call(1));
    await server.requests.until(named("initialize"), 2);
    await proxy.send({ ...initialize(), id: "again" });
    await server.requests.until(named("initialize"), 3);
    await proxy.response("again");
    agree.resolve();
    assertEquals((await proxy.response(1)).message, result(1));
    assertEquals(came(scripted).at(-1), ["tools/call", "session-3"]);
  });
});

// The stream of the server's own messages.

Deno.test("the GET stream is opened again in the new session", async () => {
  const streams = [openBody(), openBody()];
  const { script, lose } = forgetful({ GET: () => streams.shift()!.response });
  const [, second] = streams;
  await withProxy(script, async ({ proxy, server }) => {
    const { closed } = await server.requests.until(named("GET"));
    lose();
    await proxy.send(call(1));
    await proxy.response(1);
    await closed;
    const { headers } = await server.requests.until(named("GET"), 2);
    assertEquals(headers["mcp-session-id"], "session-2");
    assertEquals(headers["last-event-id"], undefined, "the ids of another session mean nothing");
    second.send(event(notification("notifications/message", { data: "new" })));
    assertEquals((await proxy.next()).message.params.data, "new");
  });
});

for (
  const [what, refusal] of Object.entries<() => Response>({
    "404": notFound,
    "400, no valid session": () => new Response("No valid session ID provided", { status: 400 }),
  })
) {
  Deno.test(`a GET stream that finds the session lost (${what}) starts a new session`, async () => {
    const streams = [openBody(), openBody()];
    const [first, second] = streams;
    const { script, lose } = forgetful({ GET: () => streams.shift()!.response }, refusal);
    await withProxy(script, async ({ proxy, server }) => {
      await server.requests.until(named("GET"));
      lose();
      first.send("retry: 1\n\n");
      first.end();
      await server.requests.until(({ name, headers }) =>
        name === "GET" && headers["mcp-session-id"] === "session-2"
      );
      second.send(event(notification("notifications/message", { data: "new" })));
      assertEquals((await proxy.next()).message.params.data, "new");
      await proxy.logged("lost the session");
    });
  });
}

Deno.test("a server that has no GET stream in one session is asked again in the next", async () => {
  const second = openBody();
  const answers = [new Response(null, { status: 405 }), second.response];
  const { script, lose } = forgetful({ GET: () => answers.shift()! });
  await withProxy(script, async ({ proxy, server }) => {
    await server.requests.until(named("GET"));
    lose();
    await proxy.send(call(1));
    await proxy.response(1);
    await server.requests.until(named("GET"), 2);
    second.send(event(notification("notifications/message", { data: "new" })));
    assertEquals((await proxy.next()).message.params.data, "new");
  });
});
