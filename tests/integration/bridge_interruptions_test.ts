import { assert, assertEquals } from "@std/assert";
import {
  asking,
  askingCall,
  discovered,
  inText,
  isModern,
  modernOnly,
  withBridge,
} from "../parts/eras.ts";
import { modern, modernCall } from "../parts/modern_messages.ts";
import { accepted, ANSWERS, event, openBody, reply } from "../parts/scripted_answers.ts";
import { call, notification, result, type Scripted, withProxy } from "../parts/scripted_proxy.ts";
import type { Answer, Script } from "../parts/scripted_server.ts";

// What happens in the middle of a bridged call: whatever it is, one answer, and the call runs once.

const refusedToken = () =>
  new Response(null, {
    status: 401,
    headers: { "www-authenticate": 'Bearer error="invalid_token"' },
  });

/** Answers the first time with one, and then with the other. */
function once(first: Answer, then: Answer): Answer {
  let count = 0;
  return (request) => (count++ === 0 ? first : then)(request);
}

const ELICITATION = { method: "elicitation/create", params: { message: "Who?" } };

/** A tool of a modern server that asks the user first. */
const askingTool: Answer = (request) =>
  request.message.params.inputResponses
    ? reply(request, { resultType: "complete", got: request.message.params.inputResponses })
    : reply(request, {
      resultType: "input_required",
      inputRequests: { a: ELICITATION },
      requestState: "s",
    });

const answers = (scripted: Scripted, id: unknown) =>
  scripted.proxy.lines.filter(({ message }) => message.id === id && !message.method);

/** Lets the client's call become `input_required`; returns what its next request brings. */
async function toInput({ proxy }: Scripted) {
  await proxy.send(askingCall(1));
  const { inputRequests, requestState } = (await proxy.response(1)).message.result;
  const [key] = Object.keys(inputRequests);
  return {
    requestState,
    inputResponses: { [key]: { action: "accept", content: { name: "Ada" } } },
  };
}

const legacyCalls = ({ server }: Scripted) =>
  server.received("tools/call").filter((request) => !isModern(request));

Deno.test("legacy client: the token is refused after the user answered, and the call goes on with a new one", () => {
  const refusesOnce = once(refusedToken, askingTool);
  const tool: Answer = (request) =>
    (request.message.params.inputResponses ? refusesOnce : askingTool)(request);
  return withBridge({ "tools/call": tool }, async (scripted) => {
    const { proxy, server } = scripted;
    await proxy.send(call(1));
    const { message: question } = await proxy.next(({ message }) => message.method !== undefined);
    await proxy.send(result(question.id, { action: "accept" }));
    const { message } = await proxy.response(1);
    assertEquals(message.result.got, { a: { action: "accept" } });
    assertEquals(server.received("token").length, 2);
    assertEquals(answers(scripted, 1).length, 1);
  });
});

Deno.test("legacy client: a call that is cancelled during a question: the question is withdrawn, nothing is sent again", () =>
  withBridge({ "tools/call": askingTool }, async (scripted) => {
    const { proxy, server } = scripted;
    await proxy.send(call(1));
    const { message: question } = await proxy.next(({ message }) => message.method !== undefined);
    await proxy.send(notification("notifications/cancelled", { requestId: 1 }));
    const { message } = await proxy.next();
    assertEquals([message.method, message.params], ["notifications/cancelled", {
      requestId: question.id,
    }]);
    await proxy.send(result(question.id, { action: "accept" }));
    await proxy.send(call(2, "next"));
    await proxy.next(({ message }) => message.method === "elicitation/create");
    assertEquals(server.received("tools/call").map(({ message }) => message.params.name), [
      "echo",
      "next",
    ]);
    assertEquals(answers(scripted, 1), []);
  }));

Deno.test("legacy client: log level, changes of lists and of resources", () => {
  const streams: ReturnType<typeof openBody>[] = [];
  const listen: Answer = () => {
    streams.push(openBody());
    streams.at(-1)!.send(event(notification("notifications/subscriptions/acknowledged")));
    return streams.at(-1)!.response;
  };
  const everything: Answer = async (request) => {
    const { result } = await (await discovered(request)).json();
    const capabilities = {
      tools: { listChanged: true },
      logging: {},
      resources: { subscribe: true },
    };
    return reply(request, { ...result, capabilities });
  };
  return withBridge({
    "server/discover": everything,
    "subscriptions/listen": listen,
    "tools/call": (request) => reply(request, {}),
  }, async ({ proxy, server }) => {
    await server.requests.until(({ name }) => name === "subscriptions/listen");
    await proxy.send({
      jsonrpc: "2.0",
      id: 1,
      method: "logging/setLevel",
      params: { level: "debug" },
    });
    await proxy.response(1);
    await proxy.send(call(2));
    await proxy.response(2);
    const [{ message }] = server.received("tools/call");
    assertEquals(message.params._meta["io.modelcontextprotocol/logLevel"], "debug");
    await proxy.send({
      jsonrpc: "2.0",
      id: 3,
      method: "resources/subscribe",
      params: { uri: "x:y" },
    });
    await proxy.response(3);
    streams[1].send(event(notification("notifications/resources/updated", { uri: "x:y" })));
    assertEquals((await proxy.next()).message.params, { uri: "x:y" });
    streams[1].send(event(notification("notifications/tools/list_changed")));
    assertEquals((await proxy.next()).message.method, "notifications/tools/list_changed");
    assertEquals(server.received("subscriptions/listen")[1].message.params.notifications, {
      toolsListChanged: true,
      resourceSubscriptions: ["x:y"],
    });
  });
});

Deno.test("modern client: the token is refused when its input is sent, which is sent again with a new one", () => {
  const script = asking();
  return withProxy(
    { ...script, response: once(refusedToken, script.response) },
    async (scripted) => {
      const { proxy, server } = scripted;
      await proxy.send(askingCall(2, await toInput(scripted)));
      assertEquals((await proxy.response(2)).message.result.who, { name: "Ada" });
      assertEquals(server.received("token").length, 2);
      assertEquals(legacyCalls(scripted).length, 1);
    },
    { revision: null },
  );
});

Deno.test("modern client: the session is lost while input is awaited: one error, and nothing runs again", () => {
  const lost = () => new Response("Session not found", { status: 404 });
  return withProxy({ ...asking(), response: lost }, async (scripted) => {
    const { proxy, server } = scripted;
    await proxy.send(askingCall(2, await toInput(scripted)));
    const { error } = (await proxy.response(2)).message;
    assert(error.message.includes("after its input was sent"), error.message);
    assertEquals(error.data.mayHaveRun, true);
    assertEquals([legacyCalls(scripted).length, answers(scripted, 2).length], [1, 1]);
    assertEquals(server.received("response").length, 1, "the next session has not asked");
  }, { revision: null });
});

Deno.test("modern client: the server's stream breaks while input is awaited: one error", () => {
  const body = openBody();
  return withProxy({
    ...asking(),
    "tools/call"(request) {
      if (isModern(request)) return inText(request);
      body.send(event({ jsonrpc: "2.0", id: "q", ...ELICITATION }));
      return body.response;
    },
    response: accepted,
  }, async (scripted) => {
    const { proxy } = scripted;
    const state = await toInput(scripted);
    body.cut();
    await proxy.send(askingCall(2, state));
    assert((await proxy.response(2)).message.error);
    assertEquals([legacyCalls(scripted).length, answers(scripted, 2).length], [1, 1]);
  }, { revision: null });
});

Deno.test("modern client: resource updates and log messages of a legacy server", () => {
  const own = openBody();
  const streamed: Answer = (request) => {
    if (isModern(request)) return inText(request);
    const body = openBody();
    body.send(event(notification("notifications/message", { level: "info", data: "x" })));
    body.send(event(result(request.message.id)));
    body.end();
    return body.response;
  };
  return withProxy({
    initialize: async (request) => {
      const { result } = await (await ANSWERS.initialize(request)).json();
      const capabilities = { logging: {}, resources: { subscribe: true }, tools: {} };
      return reply(request, { ...result, capabilities }, {
        headers: { "mcp-session-id": "session-1" },
      });
    },
    "server/discover": inText,
    "tools/call": streamed,
    "subscriptions/listen": inText,
    GET: () => own.response,
  }, async ({ proxy, server }) => {
    const notifications = { resourceSubscriptions: ["x:y"] };
    await proxy.send(modern("sub", "subscriptions/listen", { notifications }));
    assertEquals((await proxy.next()).message.params.notifications, notifications);
    assertEquals(server.received("resources/subscribe")[0].message.params, { uri: "x:y" });
    own.send(event(notification("notifications/resources/updated", { uri: "x:y" })));
    assertEquals((await proxy.next()).message.params.uri, "x:y");

    await proxy.send(modernCall(1));
    assertEquals((await proxy.next()).message.id, 1, "no log message without a level");
    const { params, ...request } = modernCall(2);
    const _meta = { ...params._meta as object, "io.modelcontextprotocol/logLevel": "info" };
    await proxy.send({ ...request, params: { ...params, _meta } });
    assertEquals((await proxy.next()).message.method, "notifications/message");
    await proxy.response(2);
    assertEquals(server.received("logging/setLevel")[0].message.params, { level: "info" });
  }, { revision: null });
});

/** A server that can come back in the other era. Its tool asks the user if the argument says so. */
function changing() {
  const server = { era: "legacy" as "legacy" | "modern", script: {} as Script };
  const elicited = openBody();
  const eras: Record<typeof server.era, Script> = {
    modern: modernOnly({
      "tools/call": (request) =>
        request.message.params.arguments.ask
          ? askingTool(request)
          : reply(request, { era: "modern" }),
    }, inText),
    legacy: {
      message: (request) => isModern(request) ? inText(request) : ANSWERS.message(request),
      initialize: ANSWERS.initialize,
      "tools/call"(request) {
        if (isModern(request)) return inText(request);
        if (!request.message.params.arguments.ask) return reply(request, { era: "legacy" });
        elicited.send(event({ jsonrpc: "2.0", id: "q", ...ELICITATION }));
        return elicited.response;
      },
    },
  };
  const choose: Answer = (request) => {
    const { [request.name]: answer, message } = eras[server.era];
    return (answer ?? message)(request);
  };
  server.script = { message: choose };
  return server;
}

for (
  const [client, ask] of [["legacy", call], ["modern", modernCall]] as const
) {
  const options = client === "modern" ? { revision: null } : {};

  Deno.test(`${client} client: a server that comes back in the other era, and in its own again, answers each call once`, () => {
    const changes = changing();
    return withProxy(changes.script, async (scripted) => {
      for (const [id, era] of (["legacy", "modern", "legacy", "modern"] as const).entries()) {
        changes.era = era;
        await scripted.proxy.send(ask(id));
        const { message } = await scripted.proxy.response(id);
        assertEquals(message.result?.era, era, `call ${id}: ${JSON.stringify(message)}`);
        assertEquals(answers(scripted, id).length, 1);
      }
    }, options);
  });
}

Deno.test("legacy client: the server comes back in the client's era while a question is open: one error", () => {
  const changes = changing();
  return withProxy(changes.script, async (scripted) => {
    const { proxy, server } = scripted;
    changes.era = "modern";
    await proxy.send(call(1, "echo", { ask: true }));
    const { message: question } = await proxy.next(({ message }) => message.method !== undefined);
    changes.era = "legacy";
    await proxy.send(call(2));
    assertEquals((await proxy.response(2)).message.result.era, "legacy");
    const { error } = (await proxy.response(1)).message;
    assertEquals(error.data.mayHaveRun, true);
    await proxy.send(result(question.id, { action: "accept" }));
    await proxy.send(call(3));
    await proxy.response(3);
    assertEquals(answers(scripted, 1).length, 1);
    const asked = server.received("tools/call").filter((request) =>
      request.message.params.arguments.ask && isModern(request)
    );
    assertEquals(asked.length, 1, "it is not sent again");
  });
});

Deno.test("modern client: the server comes back in the client's era while input is awaited: one error", () => {
  const changes = changing();
  return withProxy(changes.script, async (scripted) => {
    const { proxy, server } = scripted;
    const args = { arguments: { ask: true } };
    await proxy.send(askingCall(1, args));
    const { inputRequests, requestState } = (await proxy.response(1)).message.result;
    changes.era = "modern";
    await proxy.send(modernCall(2));
    assertEquals((await proxy.response(2)).message.result.era, "modern");
    const [key] = Object.keys(inputRequests);
    const inputResponses = { [key]: { action: "accept" } };
    await proxy.send(askingCall(3, { ...args, requestState, inputResponses }));
    assertEquals((await proxy.response(3)).message.error.code, -32602);
    assertEquals(answers(scripted, 3).length, 1);
    const asked = server.received("tools/call").filter((request) =>
      request.message.params.arguments.ask && !isModern(request)
    );
    assertEquals(asked.length, 1, "it runs once");
  }, { revision: null });
});

for (
  const [client, ask] of [["legacy", call], ["modern", modernCall]] as const
) {
  Deno.test(`${client} client: a server of both eras that refuses one call keeps its way to the client`, () =>
    withProxy({
      "server/discover": discovered,
      "tools/call": (request) =>
        request.message.params.name === "echo" ? reply(request, {}) : inText(request),
    }, async ({ proxy, server }) => {
      for (const [id, name] of ["echo", "refused", "echo"].entries()) {
        await proxy.send(ask(id, name));
        await proxy.response(id);
      }
      const calls = server.received("tools/call");
      assertEquals(calls.map(isModern), calls.map(() => client === "modern"));
      assertEquals(calls.length, 3);
    }, client === "modern" ? { revision: null } : {}));
}
