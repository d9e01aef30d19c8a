import { assert, assertEquals } from "@std/assert";
import { call, initialize, notification, result, withProxy } from "../parts/scripted_proxy.ts";
import {
  accepted,
  chunked,
  event,
  initializeResult,
  jsonText,
  openBody,
  reply,
  sse,
  token,
} from "../parts/scripted_answers.ts";
import type { ScriptedRequest } from "../parts/scripted_server.ts";

const progress = (value: number) =>
  notification("notifications/progress", { progressToken: 1, progress: value });

const named = (name: string) => (request: ScriptedRequest) => request.name === name;

Deno.test("a request is POSTed with the token, and its JSON answer is written to stdout", () =>
  withProxy(
    { "tools/call": (request) => reply(request, { content: [] }) },
    async ({ proxy, server }) => {
      await proxy.send(call(7));
      assertEquals((await proxy.response(7)).message, result(7, { content: [] }));
      const [{ method, headers, message }] = server.received("tools/call");
      assertEquals(method, "POST");
      assertEquals(message, call(7));
      assertEquals(headers["content-type"], "application/json");
      assertEquals(headers.authorization, "Bearer test-token");
      assertEquals(
        headers.accept?.split(/,\s*/).sort(),
        ["application/json", "text/event-stream"],
      );
    },
  ));

Deno.test("messages on an SSE stream before the response are written at once, in order", async () => {
  const body = openBody();
  await withProxy({ "tools/call": () => body.response }, async ({ proxy }) => {
    await proxy.send(call(1));
    for (const value of [1, 2, 3]) {
      body.send(event(progress(value)));
      assertEquals((await proxy.next()).message, progress(value));
    }
    body.send(event(result(1)));
    assertEquals((await proxy.next()).message, result(1));
    body.end();
  });
});

for (const method of ["sampling/createMessage", "elicitation/create", "roots/list"]) {
  Deno.test(`the server asks ${method} in the middle of a call, and hears the client's answer`, async () => {
    const body = openBody();
    await withProxy({ "tools/call": () => body.response }, async ({ proxy, server }) => {
      await proxy.send(call(1));
      const question = { jsonrpc: "2.0", id: "q", method, params: {} };
      body.send(event(question));
      assertEquals((await proxy.next()).message, question);
      await proxy.send(result("q", { answer: 42 }));
      const answer = await server.requests.until(named("response"));
      assertEquals(answer.message, result("q", { answer: 42 }));
      body.send(event(result(1)));
      body.end();
      assertEquals((await proxy.next()).message, result(1));
    });
  });
}

Deno.test("the client's error answer to the server is POSTed like any answer", () =>
  withProxy({}, async ({ proxy, server }) => {
    const refusal = { jsonrpc: "2.0", id: 3, error: { code: -1, message: "User said no" } };
    await proxy.send(refusal);
    assertEquals((await server.requests.until(named("response"))).message, refusal);
  }));

Deno.test("a notification puts nothing on stdout, however the server acknowledges it", async () => {
  const answers = [
    accepted(),
    new Response(null, { status: 204 }),
    jsonText('{"jsonrpc":"2.0","result":{}}'),
    jsonText(""),
    new Response(null, { status: 200 }),
  ];
  await withProxy(
    { "notifications/roots/list_changed": () => answers.shift()! },
    async ({ proxy, server }) => {
      while (answers.length > 0) {
        const left = answers.length;
        await proxy.send(notification("notifications/roots/list_changed"));
        await server.requests.until(named("notifications/roots/list_changed"), 6 - left);
      }
      await proxy.send(call(1));
      await proxy.response(1);
      await proxy.closeStdin();
      assertEquals((await proxy.status).code, 0);
      assertEquals(proxy.lines.map(({ message }) => message.id), ["initialize", 1]);
    },
  );
});

Deno.test("a notification answered with a stream blocks nothing, and messages on the stream arrive", async () => {
  const body = openBody();
  await withProxy({ "notifications/initialized": () => body.response }, async ({ proxy }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.next(({ message }) => message.id === 1)).message, result(1));
    body.send(event(notification("notifications/message", { data: "hello" })));
    assertEquals((await proxy.next()).message.params.data, "hello");
  });
});

Deno.test("a notification that the server refuses is a line in the log, not on stdout", () =>
  withProxy(
    { "notifications/roots/list_changed": () => new Response(null, { status: 500 }) },
    async ({ proxy }) => {
      await proxy.send(notification("notifications/roots/list_changed"));
      await proxy.logged(/notifications\/roots\/list_changed.*500/);
      await proxy.send(call(1));
      assertEquals((await proxy.next()).message, result(1));
    },
  ));

Deno.test("a slow call does not block a fast one", async () => {
  const release = Promise.withResolvers<void>();
  await withProxy({
    "tools/call": async (request) => {
      if (request.message.id === "slow") await release.promise;
      return reply(request, {});
    },
  }, async ({ proxy, server }) => {
    await proxy.send(call("slow"));
    await server.requests.until(named("tools/call"));
    await proxy.send(call("fast"));
    assertEquals((await proxy.next()).message, result("fast"));
    release.resolve();
    assertEquals((await proxy.next()).message, result("slow"));
  });
});

Deno.test("a hundred calls at once all get their own answer", () =>
  withProxy(
    { "tools/call": (request) => reply(request, { echo: request.message.params.arguments }) },
    async ({ proxy }) => {
      const ids = Array.from({ length: 100 }, (_, index) => index);
      await proxy.send(ids.map((id) => JSON.stringify(call(id, "echo", { id }))).join("\n"));
      for (const id of ids) {
        assertEquals((await proxy.response(id)).message, result(id, { echo: { id } }));
      }
    },
  ));

Deno.test("initialize is answered before messages that were written right after it are sent", async () => {
  let sentBeforeTheAnswer: string[] = [];
  const answered = Promise.withResolvers<void>();
  await withProxy({
    initialize: async (request) => {
      await answered.promise;
      return reply(request, initializeResult(request));
    },
  }, async ({ proxy, server }) => {
    const breath = [
      initialize(),
      notification("notifications/initialized"),
      call(1),
      // The one thing that does not wait; when it is there, all the lines have been read.
      result("to the server"),
    ];
    await proxy.send(breath.map((message) => JSON.stringify(message)).join("\n"));
    for (const name of ["initialize", "response"]) await server.requests.until(named(name));
    sentBeforeTheAnswer = [...server.requests].map(({ name }) => name).sort();
    answered.resolve();
    await proxy.response(1);
    assertEquals(sentBeforeTheAnswer, ["initialize", "response", "token"]);
    const order = [...server.requests].map(({ name }) => name);
    assert(order.indexOf("notifications/initialized") < order.indexOf("tools/call"));
    assertEquals(proxy.lines.map(({ message }) => message.id), ["initialize", 1]);
  }, { revision: null });
});

Deno.test("a stream that stays open after its answer delays nothing, also for initialize", async () => {
  const body = openBody();
  let ended = false;
  await withProxy({
    initialize: (request) => {
      request.closed.then(() => ended = true);
      body.send(event(result("initialize", initializeResult(request))));
      return body.response;
    },
  }, async ({ proxy }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message, result(1));
    body.send(event(progress(1)));
    assertEquals((await proxy.next()).message, progress(1));
    assert(!ended);
    await proxy.closeStdin();
    assertEquals((await proxy.status).code, 0);
  });
});

Deno.test("notifications keep their order, even if the server is slow to accept the first", async () => {
  const release = Promise.withResolvers<void>();
  await withProxy({
    "notifications/progress": async ({ message }) => {
      if (message.params.progress === 0) await release.promise;
      return accepted();
    },
  }, async ({ proxy, server }) => {
    const values = Array.from({ length: 20 }, (_, index) => index);
    const lines = [...values.map(progress), call("behind them")];
    await proxy.send(lines.map((message) => JSON.stringify(message)).join("\n"));
    await proxy.response("behind them");
    await server.requests.until(named("notifications/progress"));
    assertEquals(server.received("notifications/progress").length, 1);
    release.resolve();
    await server.requests.until(named("notifications/progress"), values.length);
    const order = server.received("notifications/progress")
      .map(({ message }) => message.params.progress);
    assertEquals(order, values);
  });
});

Deno.test("a batch is one POST, and its answers are relayed as the server batched them", () =>
  withProxy({
    batch: ({ message }) =>
      Response.json([result(message[2].id), result(message[0].id, { first: true })]),
  }, async ({ proxy, server }) => {
    const batch = [call(1), notification("notifications/progress"), call("b")];
    await proxy.send(batch);
    assertEquals((await proxy.next()).message, [result("b"), result(1, { first: true })]);
    assertEquals(server.received("batch").map(({ message }) => message), [batch]);
  }, { revision: "2025-03-26" }));

Deno.test("a batch that is answered one by one on a stream is relayed one by one", () =>
  withProxy({
    batch: () => sse(result(2), progress(1), result(1)),
  }, async ({ proxy }) => {
    await proxy.send([call(1), call(2)]);
    assertEquals((await proxy.next()).message, result(2));
    assertEquals((await proxy.next()).message, progress(1));
    assertEquals((await proxy.next()).message, result(1));
  }, { revision: "2025-03-26" }));

Deno.test("each request of a batch that the server does not answer gets its own error", () =>
  withProxy({
    batch: () => Response.json([result(2)]),
  }, async ({ proxy }) => {
    await proxy.send([call(1), call(2), call(3)]);
    assertEquals((await proxy.next()).message, [result(2)]);
    const errors = [(await proxy.next()).message, (await proxy.next()).message];
    assertEquals(errors.map(({ id }) => id), [1, 3]);
    assertEquals(errors.map(({ error }) => error.data.reason), ["bad_response", "bad_response"]);
  }, { revision: "2025-03-26" }));

Deno.test("a cancelled request of a batch does not affect the answers to the others", () => {
  const body = openBody();
  return withProxy({ batch: () => body.response }, async ({ proxy, server }) => {
    await proxy.send([call(1), call(2)]);
    await server.requests.until(named("batch"));
    await proxy.send(notification("notifications/cancelled", { requestId: 1 }));
    await server.requests.until(named("notifications/cancelled"));
    body.send(event({ jsonrpc: "2.0", id: 1, error: { code: -32000, message: "cancelled" } }));
    body.send(event(result(2)));
    assertEquals((await proxy.response(2)).message, result(2));
    assertEquals(proxy.lines.filter(({ message }) => message.id === 1), []);
  });
});

Deno.test("a batch of notifications gets no answer", () =>
  withProxy({}, async ({ proxy, server }) => {
    await proxy.send([progress(1), progress(2)]);
    await server.requests.until(named("batch"));
    await proxy.send(call(1));
    assertEquals((await proxy.next()).message, result(1));
  }, { revision: "2025-03-26" }));

Deno.test("ids of every kind come back unchanged", () =>
  withProxy({
    // The text of the id, as a server with other numbers than ours would echo it.
    "tools/call": ({ body }) => {
      const id = /"id":(.*?),"method"/.exec(body)![1];
      return jsonText(`{"jsonrpc":"2.0","id":${id},"result":{}}`);
    },
  }, async ({ proxy }) => {
    const ids = [
      "0",
      "-1",
      '""',
      '"1"',
      "1",
      "1.5",
      "9007199254740993",
      "18446744073709551615",
      '"\\u00e9\\ud83c\\udf89"',
      '"a\\"b"',
    ];
    for (const id of ids) {
      await proxy.send(`{"jsonrpc":"2.0","id":${id},"method":"tools/call"}`);
      assertEquals((await proxy.next()).text, `{"jsonrpc":"2.0","id":${id},"result":{}}`);
    }
  }));

Deno.test("an answer is passed on once, and an answer without a request is dropped", () =>
  withProxy({
    "tools/call": ({ message: { id } }) => sse(result("nobody"), result(id), result(id)),
  }, async ({ proxy }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.next()).message, result(1));
    await proxy.send(call(2));
    assertEquals((await proxy.next()).message, result(2));
    await proxy.closeStdin();
    await proxy.status;
    assertEquals(proxy.lines.map(({ message }) => message.id), ["initialize", 1, 2]);
  }));

Deno.test("a request whose id is still in use is refused, and the first request is answered", async () => {
  const release = Promise.withResolvers<void>();
  await withProxy({
    "tools/call": async (request) => {
      await release.promise;
      return reply(request, {});
    },
  }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    await proxy.send(call(1));
    const { message: refusal } = await proxy.next();
    assertEquals([refusal.id, refusal.error.code], [1, -32600]);
    release.resolve();
    assertEquals((await proxy.next()).message, result(1));
    assertEquals(server.received("tools/call").length, 1);
  });
});

Deno.test("an error on another request's stream belongs to the request that it names", async () => {
  const bodies = new Map([1, 2].map((id) => [id, openBody()]));
  await withProxy({
    "tools/call": ({ message: { id } }) => bodies.get(id)!.response,
  }, async ({ proxy, server }) => {
    for (const id of bodies.keys()) await proxy.send(call(id));
    await server.requests.until(named("tools/call"), 2);
    const error = { code: -32000, message: "for the second" };
    bodies.get(1)!.send(event({ jsonrpc: "2.0", id: 2, error }) + event(result(1)));
    assertEquals((await proxy.next()).message, { jsonrpc: "2.0", id: 2, error });
    assertEquals((await proxy.next()).message, result(1));
  });
});

Deno.test("a call that is cancelled while it waits for a token is not sent", async () => {
  const renewal = Promise.withResolvers<void>();
  let isValid = true;
  await withProxy({
    token: async () => {
      if (!isValid) await renewal.promise;
      return token();
    },
    ping: (request) => {
      if (isValid) return reply(request, {});
      return new Response(null, { status: 401, headers: { "www-authenticate": "Bearer" } });
    },
  }, async ({ proxy, server }) => {
    isValid = false;
    await proxy.send({ jsonrpc: "2.0", id: "refused", method: "ping" });
    await server.requests.until(named("token"), 2);
    await proxy.send(call(1));
    await proxy.send(notification("notifications/cancelled", { requestId: 1 }));
    // The one thing that is answered without a token; then the lines in front have been read.
    await proxy.send("{");
    await proxy.response(null);
    isValid = true;
    renewal.resolve();
    await server.requests.until(named("notifications/cancelled"));
    await proxy.response("refused");
    await proxy.closeStdin();
    await proxy.status;
    assertEquals(server.received("tools/call"), []);
  });
});

Deno.test("a call that the client cancels is cancelled on the server, and no longer answered", async () => {
  const body = openBody();
  await withProxy({
    "tools/call": (request) => request.message.id === "slow" ? body.response : reply(request, {}),
  }, async ({ proxy, server }) => {
    await proxy.send(call("slow"));
    const { closed } = await server.requests.until(named("tools/call"));
    await proxy.send(notification("notifications/cancelled", { requestId: "slow" }));
    await server.requests.until(named("notifications/cancelled"));
    await closed;
    await proxy.send(call("next"));
    assertEquals((await proxy.next()).message, result("next"));
  });
});

Deno.test("events without data, comments and events of other types are not messages", () =>
  withProxy({
    "tools/call": ({ message: { id } }) =>
      chunked([
        ": keep-alive\n\n",
        "id: 1\ndata:\n\n",
        "event: ping\ndata: {}\n\n",
        `event: message\n${event(result(id))}`,
      ]),
  }, async ({ proxy }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.next()).message, result(1));
  }));
