import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  accepted,
  event,
  initializeResult,
  jsonText,
  openBody,
  reply,
} from "../parts/scripted_answers.ts";
import {
  call,
  initialize,
  notification,
  result,
  type Scripted,
  withProxy,
} from "../parts/scripted_proxy.ts";
import {
  type Script,
  type ScriptedRequest,
  startScriptedServer,
} from "../parts/scripted_server.ts";

// What can go wrong with the 2024-11-05 transport, and what its server would not do by itself.

type Reply = (request: ScriptedRequest, send: (message: unknown) => void) => void;

/** A server of HTTP+SSE: what is POSTed is answered on the latest stream. */
function httpSse({ endpoint = "/messages", replies = {} }: {
  endpoint?: string;
  replies?: Record<string, Reply>;
} = {}) {
  let stream = openBody();
  const answer: Reply = (request, send) => {
    const { method, id } = request.message;
    if (method === "initialize") send(result(id, initializeResult(request, "2024-11-05")));
    else if (id !== undefined) send(result(id));
  };
  const script: Script = {
    initialize: () => new Response("Cannot POST /mcp", { status: 404 }),
    GET() {
      stream = openBody();
      stream.send(`event: endpoint\ndata: ${endpoint}\n\n`);
      return stream.response;
    },
    "/messages": (request) => {
      const { send } = stream;
      (replies[request.message.method] ?? answer)(request, (message) => send(event(message)));
      return accepted();
    },
  };
  return {
    script,
    cut: () => stream.cut(),
    send: (message: unknown) => stream.send(event(message)),
    sendText: (text: string) => stream.send(`data: ${text}\n\n`),
  };
}

const isPosted = (method: string) => ({ name, message }: ScriptedRequest) =>
  name === "/messages" && message.method === method;

function posted({ server }: Scripted): string[] {
  return server.received("/messages").map(({ message }) => message.method);
}

async function shakeHands({ proxy, server }: Scripted): Promise<void> {
  await proxy.send(initialize("2024-11-05"));
  assertEquals((await proxy.response("initialize")).message.result.protocolVersion, "2024-11-05");
  await proxy.send(notification("notifications/initialized"));
  await server.requests.until(isPosted("notifications/initialized"));
}

/** Initializes with the fallback, which {@linkcode withProxy} knows nothing of. */
const withHttpSse = (script: Script, test: (scripted: Scripted) => Promise<void> | void) =>
  withProxy(script, async (scripted) => {
    await shakeHands(scripted);
    await test(scripted);
  }, { revision: null });

for (const status of [400, 404, 405]) {
  Deno.test(`HTTP+SSE is tried if the first POST gets ${status}, and remembered`, () => {
    const { script } = httpSse();
    const refusing = { ...script, initialize: () => new Response(null, { status }) };
    return withHttpSse(refusing, async (scripted) => {
      await shakeHands(scripted);
      assertEquals(scripted.server.received("initialize").length, 1);
      assertEquals(scripted.server.received("GET").length, 1);
    });
  });
}

Deno.test("HTTP+SSE is tried if the JSON-RPC error of the first POST is not one of 2026-07-28", () => {
  const error = { code: -32000, message: "Method not allowed" };
  const refused = () => Response.json({ jsonrpc: "2.0", id: null, error }, { status: 405 });
  const { script } = httpSse();
  return withHttpSse({ ...script, initialize: refused }, ({ server }) => {
    assertEquals(server.received("initialize").length, 1);
  });
});

Deno.test("if HTTP+SSE does not work either, the JSON-RPC error of the first POST is the answer", () => {
  const error = { code: -32000, message: "Unsupported protocol version" };
  const refused = ({ message: { id } }: ScriptedRequest) =>
    Response.json({ jsonrpc: "2.0", id, error }, { status: 400 });
  return withProxy({ initialize: refused }, async ({ proxy, server }) => {
    await proxy.send(initialize());
    assertEquals((await proxy.response("initialize")).message.error, error);
    assertEquals(server.received("GET").length, 1);
  }, { revision: null });
});

for (const status of [403, 500, 501]) {
  Deno.test(`HTTP+SSE is not tried if the first POST gets ${status}`, () =>
    withProxy(
      { ...httpSse().script, initialize: () => new Response(null, { status }) },
      async ({ proxy, server }) => {
        await proxy.send(initialize());
        assertEquals((await proxy.response("initialize")).message.error.data.status, status);
        assertEquals(server.received("GET").length, 0);
      },
      { revision: null },
    ));
}

for (const [status, code] of [[400, -32022], [400, -32020], [404, -32601]]) {
  Deno.test(`HTTP+SSE is not tried if a ${status} comes with the JSON-RPC error ${code}`, () => {
    const error = { code, message: "no" };
    const initialized = ({ message: { id } }: ScriptedRequest) =>
      Response.json({ jsonrpc: "2.0", id, error }, { status });
    return withProxy({ ...httpSse().script, initialize: initialized }, async (scripted) => {
      const { proxy, server } = scripted;
      await proxy.send(initialize());
      assertEquals((await proxy.response("initialize")).message.error, error);
      assertEquals(server.received("GET").length, 0);
    }, { revision: null });
  });
}

for (
  const [what, GET] of Object.entries<() => Response>({
    "has no stream": () => new Response(null, { status: 405 }),
    "has a page there": () => new Response("<html>", { headers: { "content-type": "text/html" } }),
    "has a stream that does not begin with its endpoint": () => {
      const body = openBody();
      body.send(event(notification("notifications/message")));
      return body.response;
    },
  })
) {
  Deno.test(`a server that refuses the first POST and ${what} is reported by that POST's status`, () =>
    withProxy(
      { ...httpSse().script, GET },
      async ({ proxy, server }) => {
        await proxy.send(initialize());
        const { error } = (await proxy.response("initialize")).message;
        assertEquals([error.data.status, error.data.mayHaveRun], [404, false]);
        assertStringIncludes(error.message, "MCP_SERVER_URL");
        await (await server.requests.until(({ name }) => name === "GET")).closed;
      },
      { revision: null },
    ));
}

Deno.test("HTTP+SSE: an endpoint on another origin gets neither message nor token", async () => {
  await using elsewhere = await startScriptedServer();
  const { script } = httpSse({ endpoint: elsewhere.url });
  await withProxy(script, async ({ proxy, server }) => {
    await proxy.send(initialize());
    assertEquals((await proxy.response("initialize")).message.error.data.status, 404);
    const { closed } = await server.requests.until(({ name }) => name === "GET");
    await closed;
    assertEquals([...elsewhere.requests], []);
  }, { revision: null });
});

Deno.test("HTTP+SSE: an endpoint can be an absolute URL on the server's own origin", async () => {
  const { script } = httpSse();
  await withProxy(
    {
      ...script,
      GET: ({ headers }) => {
        const stream = openBody();
        stream.send(`event: endpoint\ndata: http://${headers.host}/messages?session=a%20b\n\n`);
        return stream.response;
      },
    },
    async ({ proxy, server }) => {
      await proxy.send(initialize());
      const { headers } = await server.requests.until(({ name }) =>
        name === "/messages?session=a%20b"
      );
      assertEquals(headers.authorization, "Bearer test-token");
    },
    { revision: null },
  );
});

Deno.test("HTTP+SSE: a call in flight when the stream breaks is not sent again, and its error says so", () => {
  const server = httpSse({ replies: { "tools/call": () => {} } });
  return withHttpSse(server.script, async (scripted) => {
    await scripted.proxy.send(call(1));
    await scripted.server.requests.until(isPosted("tools/call"));
    server.cut();
    const { error } = (await scripted.proxy.response(1)).message;
    assertEquals([error.data.reason, error.data.mayHaveRun], ["interrupted", true]);
    // The new session has begun by itself.
    await scripted.server.requests.until(isPosted("notifications/initialized"), 2);
    assertEquals(posted(scripted).filter((method) => method === "tools/call").length, 1);
  });
});

Deno.test("HTTP+SSE: requests that only read are repeated in the new session", () => {
  let times = 0;
  const server = httpSse({
    replies: {
      "tools/list": ({ message: { id } }, send) => times++ ? send(result(id)) : server.cut(),
    },
  });
  return withHttpSse(server.script, async (scripted) => {
    await scripted.proxy.send({ jsonrpc: "2.0", id: 1, method: "tools/list" });
    assertEquals((await scripted.proxy.response(1)).message, result(1));
    assertEquals(posted(scripted), [
      ...["initialize", "notifications/initialized", "tools/list"],
      ...["initialize", "notifications/initialized", "tools/list"],
    ]);
    assertEquals(scripted.proxy.lines.length, 2, "the second handshake is not seen");
  });
});

Deno.test("HTTP+SSE: nothing is sent before the handshake of a new session, which includes subscriptions", () => {
  let agree: (() => void) | undefined;
  const server = httpSse({
    replies: {
      initialize: (request, send) => {
        const answer = () =>
          send(result(request.message.id, initializeResult(request, "2024-11-05")));
        if (agree) agree = answer;
        else answer();
      },
    },
  });
  return withHttpSse(server.script, async (scripted) => {
    const { proxy } = scripted;
    const subscribe = (id: string, method: string, uri: string) =>
      proxy.send({ jsonrpc: "2.0", id, method, params: { uri } })
        .then(() => proxy.response(id));
    await subscribe("a", "resources/subscribe", "note://a");
    await subscribe("b", "resources/subscribe", "note://b");
    await subscribe("c", "resources/unsubscribe", "note://a");
    agree = () => {};
    server.cut();
    await scripted.server.requests.until(isPosted("initialize"), 2);
    const before = posted(scripted).length;
    const calls = Array.from({ length: 20 }, (_, id) => call(id));
    await proxy.send(calls.map((message) => JSON.stringify(message)).join("\n"));
    agree();
    for (const { id } of calls) assertEquals((await proxy.response(id)).message, result(id));
    const since = scripted.server.received("/messages").slice(before).map(({ message }) => message);
    assertEquals(
      since.slice(0, 3).map(({ method, params }) => params?.uri ?? method),
      ["notifications/initialized", "note://b", "tools/call"],
    );
    assertEquals(posted(scripted).filter((method) => method === "initialize").length, 2);
  });
});

Deno.test("HTTP+SSE: progress never arrives after its answer", () => {
  const report = (progress: number) =>
    notification("notifications/progress", { progressToken: 1, progress });
  const server = httpSse({
    replies: {
      "tools/call": ({ message: { id } }, send) => {
        for (let progress = 0; progress < 50; progress++) send(report(progress));
        send(result(id));
        send(report(50));
      },
    },
  });
  return withHttpSse(server.script, async ({ proxy }) => {
    const expected: unknown[] = Array.from({ length: 51 }, (_, progress) => report(progress));
    expected.splice(50, 0, result(1));
    await proxy.send(call(1));
    await proxy.next(({ message }) => message.params?.progress === 50);
    assertEquals(proxy.lines.slice(1).map(({ message }) => message), expected);
  });
});

Deno.test("HTTP+SSE: the answer to a cancelled call is dropped", () => {
  const server = httpSse({ replies: { "tools/call": () => {} } });
  return withHttpSse(server.script, async (scripted) => {
    const { proxy } = scripted;
    await proxy.send(call(1));
    await scripted.server.requests.until(isPosted("tools/call"));
    await proxy.send(notification("notifications/cancelled", { requestId: 1 }));
    await scripted.server.requests.until(isPosted("notifications/cancelled"));
    server.send(result(1));
    await proxy.send({ jsonrpc: "2.0", id: 2, method: "ping" });
    assertEquals((await proxy.response(2)).message, result(2));
    assertEquals(proxy.lines.map(({ message }) => message.id), ["initialize", 2]);
  });
});

Deno.test("HTTP+SSE: a message that is refused is answered with the status", () => {
  const { script } = httpSse();
  const refusing: Script = {
    ...script,
    "/messages": (request) =>
      request.message.method === "tools/call"
        ? new Response(null, { status: 413 })
        : script["/messages"](request),
  };
  return withHttpSse(refusing, async ({ proxy }) => {
    await proxy.send(call(1));
    const { data } = (await proxy.response(1)).message.error;
    assertEquals([data.status, data.mayHaveRun], [413, false]);
  });
});

Deno.test("HTTP+SSE: later calls are answered after one message was refused with 400", () => {
  const server = httpSse({ replies: { ping: () => {}, "tools/call": () => {} } });
  const refusing: Script = {
    ...server.script,
    "/messages": (request) =>
      request.message.id === 2
        ? new Response(null, { status: 400 })
        : server.script["/messages"](request),
  };
  return withHttpSse(refusing, async ({ proxy, server: { requests } }) => {
    const posting = async (id: number) => {
      await proxy.send(call(id));
      await requests.until(({ message }) => message?.id === id);
    };
    await posting(1);
    server.send(result(1));
    await proxy.response(1);
    await posting(2);
    // The proxy asks whether the session still works. The answer comes when the POST is over.
    const { message: ping } = await requests.until(isPosted("ping"));
    await posting(3);
    server.send(result(ping.id));
    server.send(result(3));
    assertEquals((await proxy.response(3)).message, result(3));
    assertEquals((await proxy.response(2)).message.error.data.status, 400);
  });
});

/** A server whose calls are answered in the body of the response to the POST. */
function answeringPosts(answer: (request: ScriptedRequest) => Response): Script {
  const { script } = httpSse();
  return {
    ...script,
    "/messages": (request) =>
      request.message.method === "tools/call" ? answer(request) : script["/messages"](request),
  };
}

Deno.test("HTTP+SSE: an answer in the response to the POST is relayed", () =>
  withHttpSse(answeringPosts((request) => reply(request, { big: 2 ** 53 })), async ({ proxy }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message, result(1, { big: 2 ** 53 }));
  }));

Deno.test("HTTP+SSE: an error in the response to the POST belongs to that request, even without an id", () => {
  const error = { code: -32602, message: "No such tool" };
  const answer = () => Response.json({ jsonrpc: "2.0", id: null, error });
  return withHttpSse(answeringPosts(answer), async ({ proxy }) => {
    await proxy.send([call(1), call(2)].map((message) => JSON.stringify(message)).join("\n"));
    for (const id of [1, 2]) assertEquals((await proxy.response(id)).message.error, error);
  });
});

Deno.test("HTTP+SSE: an answer on the stream and in the response to the POST is relayed once", () => {
  const { script, send } = httpSse();
  const twice: Script = {
    ...script,
    "/messages": (request) => {
      if (request.message.method !== "tools/call") return script["/messages"](request);
      send(result(request.message.id));
      return reply(request, {});
    },
  };
  return withHttpSse(twice, async ({ proxy }) => {
    for (const id of [1, 2, 3]) {
      await proxy.send(call(id));
      await proxy.response(id);
    }
    assertEquals(proxy.lines.map(({ message }) => message.id), ["initialize", 1, 2, 3]);
  });
});

Deno.test("HTTP+SSE: a JSON body that only accepts the POST is not the answer", () => {
  const server = httpSse();
  const accepting: Script = {
    ...server.script,
    "/messages": async (request) => {
      await server.script["/messages"](request);
      return Response.json({ status: "accepted" });
    },
  };
  return withHttpSse(accepting, async ({ proxy }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message, result(1));
  });
});

Deno.test("HTTP+SSE: an error on the stream without a request id answers the only open request", () => {
  const error = { code: -32700, message: "Parse error" };
  const server = httpSse({
    replies: { "tools/call": (_, send) => send({ jsonrpc: "2.0", id: null, error }) },
  });
  return withHttpSse(server.script, async ({ proxy }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message.error, error);
  });
});

Deno.test("HTTP+SSE: an error on the stream that could belong to two requests answers neither", () => {
  const server = httpSse({ replies: { "tools/call": () => {} } });
  return withHttpSse(server.script, async (scripted) => {
    const { proxy } = scripted;
    await proxy.send([call(1), call(2)].map((message) => JSON.stringify(message)).join("\n"));
    await scripted.server.requests.until(isPosted("tools/call"), 2);
    server.send({ jsonrpc: "2.0", id: null, error: { code: -32700, message: "Parse error" } });
    for (const id of [1, 2]) {
      server.send(result(id));
      assertEquals((await proxy.response(id)).message, result(id));
    }
  });
});

Deno.test("HTTP+SSE: if the server forgets the session while the stream is open, a new session starts", () => {
  const { script } = httpSse();
  let isLost = false;
  const forgetful: Script = {
    ...script,
    GET: (request) => {
      isLost = false;
      return script.GET(request);
    },
    "/messages": (request) =>
      isLost
        ? new Response("No transport found for sessionId", { status: 400 })
        : script["/messages"](request),
  };
  return withHttpSse(forgetful, async ({ proxy, server }) => {
    const [{ closed }] = server.received("GET");
    isLost = true;
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message, result(1));
    await closed;
    assertEquals(server.received("GET").length, 2);
  });
});

Deno.test("HTTP+SSE: an answer that comes before its POST is accepted delays no others", async () => {
  const accept = Promise.withResolvers<void>();
  const server = httpSse();
  const slow: Script = {
    ...server.script,
    "/messages": async (request) => {
      const response = await server.script["/messages"](request);
      if (request.message.params?.name === "slow") await accept.promise;
      return response;
    },
  };
  await withHttpSse(slow, async ({ proxy }) => {
    await proxy.send(call(1, "slow"));
    await proxy.send(call(2));
    assertEquals((await proxy.next()).message, result(2));
    accept.resolve();
    assertEquals((await proxy.next()).message, result(1));
  });
});

Deno.test("HTTP+SSE: an array of one response answers a single request, on the stream and in the POST", async () => {
  const onStream = httpSse({
    replies: { "tools/call": ({ message: { id } }, send) => send([result(id, { n: 1 })]) },
  });
  const inPost = answeringPosts(({ message: { id } }) => Response.json([result(id, { n: 1 })]));
  for (const script of [onStream.script, inPost]) {
    await withHttpSse(script, async ({ proxy }) => {
      await proxy.send(call(1));
      assertEquals((await proxy.response(1)).message, result(1, { n: 1 }));
    });
  }
});

Deno.test("HTTP+SSE: an id that has become a string, or a number, is corrected", async () => {
  const other = (id: unknown) => typeof id === "number" ? String(id) : Number(id);
  const onStream = httpSse({
    replies: { "tools/call": ({ message: { id } }, send) => send(result(other(id), { n: 1 })) },
  });
  const inPost = answeringPosts(({ message: { id } }) =>
    Response.json(result(other(id), { n: 1 }))
  );
  for (const script of [onStream.script, inPost]) {
    await withHttpSse(script, async ({ proxy }) => {
      // Both wait at the same time when the answers come.
      await proxy.send([call(5), call("6")].map((message) => JSON.stringify(message)).join("\n"));
      assertEquals((await proxy.response(5)).message, result(5, { n: 1 }));
      assertEquals((await proxy.response("6")).message, result("6", { n: 1 }));
    });
  }
});

Deno.test('HTTP+SSE: requests 5 and "5" get their own answers', () => {
  const server = httpSse({ replies: { "tools/call": () => {} } });
  return withHttpSse(server.script, async (scripted) => {
    const { proxy } = scripted;
    await proxy.send([call(5), call("5")].map((message) => JSON.stringify(message)).join("\n"));
    await scripted.server.requests.until(isPosted("tools/call"), 2);
    server.send(result("5", { text: true }));
    server.send(result(5, { text: false }));
    assertEquals((await proxy.response("5")).message, result("5", { text: true }));
    assertEquals((await proxy.response(5)).message, result(5, { text: false }));
  });
});

for (const size of [10, 300_000]) {
  Deno.test(`HTTP+SSE: a broken answer of ${size} characters is an error with the request's id`, async () => {
    const long = "x".repeat(size);
    const broken = (id: unknown) => [
      `{"jsonrpc":"2.0","id":${id},"result":{"a":"${long}"`,
      `{"jsonrpc":"2.0","result":{"a":"${long}"},,"id":${id}}`,
    ];
    for (const which of [0, 1]) {
      const server = httpSse({ replies: { "tools/call": () => {} } });
      const inPost = answeringPosts(({ message: { id } }) => jsonText(broken(id)[which]));
      for (const script of [server.script, inPost]) {
        await withHttpSse(script, async (scripted) => {
          const { proxy } = scripted;
          await proxy.send([call(1), call(2)].map((message) => JSON.stringify(message)).join("\n"));
          if (script === server.script) {
            await scripted.server.requests.until(isPosted("tools/call"), 2);
            for (const id of [2, 1]) server.sendText(broken(id)[which]);
          }
          for (const id of [1, 2]) {
            const { error } = (await proxy.response(id)).message;
            assertEquals([error.data.reason, error.data.mayHaveRun], ["bad_response", true]);
          }
          await proxy.send({ jsonrpc: "2.0", id: 3, method: "ping" });
          assertEquals((await proxy.response(3)).message, result(3));
        });
      }
    }
  });
}

Deno.test("HTTP+SSE: text on the stream that answers no request is dropped", () => {
  const server = httpSse({ replies: { "tools/call": () => {} } });
  return withHttpSse(server.script, async (scripted) => {
    const { proxy } = scripted;
    await proxy.send(call(1));
    await scripted.server.requests.until(isPosted("tools/call"));
    server.sendText("hello");
    server.sendText('{"jsonrpc":"2.0","method":"notifications/message","params":{"id":1');
    server.sendText('{"jsonrpc":"2.0","id":7,"result":{');
    await proxy.logged("Server message dropped");
    server.send(result(1));
    assertEquals((await proxy.response(1)).message, result(1));
  });
});

Deno.test("a server that refuses the POST and whose stream is unavailable is reported by the stream's status", () =>
  withProxy(
    {
      initialize: () => new Response(null, { status: 405 }),
      GET: () => new Response("The session store is down", { status: 500 }),
    },
    async ({ proxy }) => {
      await proxy.send(initialize());
      const { error } = (await proxy.response("initialize")).message;
      assertEquals(error.data.status, 500);
      assertStringIncludes(error.message, "The session store is down");
    },
    { revision: null },
  ));
