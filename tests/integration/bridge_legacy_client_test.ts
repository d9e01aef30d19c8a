import { assert, assertEquals } from "@std/assert";
import { MODERN, withBridge } from "../parts/eras.ts";
import { event, type OpenBody, openBody, reply, sse } from "../parts/scripted_answers.ts";
import { call, initialize, notification, result, type Scripted } from "../parts/scripted_proxy.ts";
import type { Answer, Script, ScriptedRequest } from "../parts/scripted_server.ts";

// A client of 2025-11-25 or earlier with a server of 2026-07-28, which answers in JSON or with a
// stream: the rows of the first table in docs/protocol-versions.md.

const PREFIX = "io.modelcontextprotocol";
const CAPABILITIES = { tools: { listChanged: true }, resources: { subscribe: true } };

// deno-lint-ignore no-explicit-any -- tests assert on what they expect to be there
type AnyMessage = any;

interface Form {
  readonly name: string;
  /** Answers a request, after these notifications if the form has room for them. */
  answer(request: ScriptedRequest, result: unknown, ...before: unknown[]): Response;
}

const FORMS: readonly Form[] = [
  { name: "JSON", answer: (request, result) => reply(request, result) },
  {
    name: "SSE",
    answer: (request, value, ...before) => sse(...before, result(request.message.id, value)),
  },
];

/** Requests and responses as clients write them. */
const request = (id: number | string, method: string, params?: unknown) => ({
  jsonrpc: "2.0",
  id,
  method,
  params,
});

FORMS.forEach(testRows);

function testRows({ name: form, answer }: Form): void {
  const discover: Answer = (request) =>
    answer(request, {
      resultType: "complete",
      supportedVersions: [MODERN],
      capabilities: { ...CAPABILITIES, tasks: {}, extensions: { [`${PREFIX}/tasks`]: {} } },
      instructions: "Be kind",
      _meta: { [`${PREFIX}/serverInfo`]: { name: "modern", version: "1" } },
    });

  let streams: OpenBody[];
  const subscribe: Answer = () => {
    const body = openBody();
    streams.push(body);
    body.send(event(notification("notifications/subscriptions/acknowledged")));
    return body.response;
  };

  function row(
    name: string,
    script: Script,
    test: (
      scripted: Scripted & { answer(message: { id: number | string }): Promise<AnyMessage> },
    ) => Promise<void>,
  ): void {
    Deno.test(`legacy client, modern server, ${form}: ${name}`, () => {
      streams = [];
      return withBridge({ "server/discover": discover, ...script }, (scripted) =>
        test({
          ...scripted,
          async answer(message) {
            await scripted.proxy.send(message);
            return (await scripted.proxy.response(message.id)).message;
          },
        }));
    });
  }

  row("initialize is answered from server/discover, in the client's version", {}, async (pair) => {
    for (
      const [asked, answered] of [["2024-11-05", "2024-11-05"], ["2031-01-01", "2025-11-25"]]
    ) {
      assertEquals((await pair.answer(initialize(asked))).result, {
        protocolVersion: answered,
        capabilities: CAPABILITIES,
        serverInfo: { name: "modern", version: "1" },
        instructions: "Be kind",
      });
    }
  });

  row("ping and notifications stay here", {}, async ({ proxy, server, answer }) => {
    await proxy.send(notification("notifications/roots/list_changed"));
    assertEquals((await answer(request("p", "ping"))).result, {});
    for (const name of ["ping", "notifications/initialized", "notifications/roots/list_changed"]) {
      assertEquals(server.received(name), []);
    }
  });

  row("requests get their metadata and headers, those of tool parameters included", {
    "tools/call": (request) => {
      const { id } = request.message;
      const error = { code: -32020, message: "Header mismatch" };
      if (request.headers["mcp-param-region"] === "eu") return answer(request, { content: [] });
      return Response.json({ jsonrpc: "2.0", id, error }, { status: 400 });
    },
    "tools/list": (request) => {
      const region = { type: "string", "x-mcp-header": "Region" };
      const inputSchema = { type: "object", properties: { region } };
      return answer(request, { tools: [{ name: "echo", inputSchema }] });
    },
  }, async ({ server, answer }) => {
    assertEquals((await answer(call(1, "echo", { region: "eu" }))).result, { content: [] });
    await answer(call(2, "echo", { region: "eu" }));
    assertEquals(server.received("tools/list").length, 1, "the tools are listed once");
    for (const { headers, message } of server.received("tools/call")) {
      assertEquals([headers["mcp-method"], headers["mcp-name"]], ["tools/call", "echo"]);
      assertEquals(message.params._meta, {
        [`${PREFIX}/protocolVersion`]: MODERN,
        [`${PREFIX}/clientInfo`]: { name: "test", version: "1.0.0" },
        [`${PREFIX}/clientCapabilities`]: { elicitation: {}, roots: {}, sampling: {} },
      });
    }
  });

  row("the log level goes with later requests", {
    "tools/call": (request) =>
      answer(request, {}, notification("notifications/message", { level: "info", data: "x" })),
  }, async ({ proxy, server, answer }) => {
    assertEquals((await answer(request(1, "logging/setLevel", { level: "info" }))).result, {});
    await answer(call(2));
    const [{ message: { params } }] = server.received("tools/call");
    assertEquals(params._meta[`${PREFIX}/logLevel`], "info");
    const logs = proxy.lines.filter(({ message }) => message.method === "notifications/message");
    assertEquals(logs.length, form === "SSE" ? 1 : 0);
  });

  row("changes come from one subscription, which grows and shrinks with the client's", {
    "subscriptions/listen": subscribe,
  }, async ({ proxy, server, answer }) => {
    await server.requests.until(({ name }) => name === "subscriptions/listen");
    await answer(request(1, "resources/subscribe", { uri: "x:y" }));
    streams[1].send(event(notification("notifications/resources/updated", { uri: "x:y" })));
    streams[1].send(event(notification("notifications/tools/list_changed")));
    assertEquals((await proxy.next()).message.params, { uri: "x:y" });
    assertEquals((await proxy.next()).message.method, "notifications/tools/list_changed");
    await answer(request(2, "resources/unsubscribe", { uri: "x:y" }));
    const filters = server.received("subscriptions/listen").map(({ message }) =>
      message.params.notifications
    );
    const lists = { toolsListChanged: true };
    assertEquals(filters, [lists, { ...lists, resourceSubscriptions: ["x:y"] }, lists]);
    const acknowledged = proxy.lines.filter(({ text }) => text.includes("acknowledged"));
    assertEquals(acknowledged, [], "the acknowledgement is not passed on");
  });

  row(
    "a subscription that breaks is opened again",
    { "subscriptions/listen": subscribe },
    async ({ proxy, server }) => {
      await server.requests.until(({ name }) => name === "subscriptions/listen");
      streams[0].cut();
      await server.requests.until(({ name }) => name === "subscriptions/listen", 2);
      streams[1].send(event(notification("notifications/tools/list_changed")));
      assertEquals((await proxy.next()).message.method, "notifications/tools/list_changed");
    },
  );

  for (
    const [method, params, input] of [
      ["elicitation/create", { message: "?" }, { action: "accept", content: { n: 1 } }],
      ["elicitation/create", { message: "?" }, { action: "cancel" }],
      ["sampling/createMessage", { messages: [], maxTokens: 1 }, { role: "assistant" }],
      ["roots/list", undefined, { roots: [] }],
    ] as const
  ) {
    row(`input_required becomes ${method}, answered with ${JSON.stringify(input)}`, {
      "tools/call": (request) => {
        const { inputResponses, requestState } = request.message.params;
        const inputRequests = { key: { method, params } };
        return inputResponses
          ? answer(request, { resultType: "complete", inputResponses, requestState })
          : answer(request, { resultType: "input_required", inputRequests, requestState: "s" });
      },
    }, async ({ proxy, server }) => {
      await proxy.send(call(1));
      const { message: question } = await proxy.next(({ message }) => message.method === method);
      assertEquals(question.params, params);
      await proxy.send(result(question.id, input));
      const { message } = await proxy.response(1);
      assertEquals([message.result.inputResponses, message.result.requestState], [
        { key: input },
        "s",
      ]);
      const [first, second] = server.received("tools/call").map(({ message }) => message);
      assert(first.id !== second.id, "a new id");
      assertEquals(first.params.arguments, second.params.arguments);
    });
  }

  row("the client's error ends the call", {
    "tools/call": (request) => {
      const inputRequests = { key: { method: "elicitation/create", params: { message: "?" } } };
      return answer(request, { resultType: "input_required", inputRequests });
    },
  }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    const { message: { id } } = await proxy.next(({ message }) => message.method !== undefined);
    const error = { code: -1, message: "User rejected" };
    await proxy.send({ jsonrpc: "2.0", id, error });
    assertEquals((await proxy.response(1)).message.error, error);
    assertEquals(server.received("tools/call").length, 1);
  });

  row("progress and errors are passed on as they are", {
    "tools/call": (request) =>
      answer(request, {}, notification("notifications/progress", { progressToken: 7 })),
    "resources/read": ({ message: { id } }) => {
      const error = { code: -32602, message: "Resource not found", data: { uri: "x:y" } };
      const response = { jsonrpc: "2.0", id, error };
      return form === "SSE" ? sse(response) : Response.json(response);
    },
  }, async ({ proxy, answer }) => {
    const { params, ...rest } = call(1);
    await answer({ ...rest, params: { ...params, _meta: { progressToken: 7 } } } as AnyMessage);
    const progress = proxy.lines.filter(({ message }) => message.params?.progressToken === 7);
    assertEquals(progress.length, form === "SSE" ? 1 : 0);
    const { error } = await answer(request(2, "resources/read", { uri: "x:y" }));
    assertEquals(error, { code: -32602, message: "Resource not found", data: { uri: "x:y" } });
  });

  row("a cancelled request is the end of its response stream", {
    "tools/call": () => openBody().response,
  }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    const { closed } = await server.requests.until(({ name }) => name === "tools/call");
    await proxy.send(notification("notifications/cancelled", { requestId: 1 }));
    await closed;
    assertEquals(server.received("notifications/cancelled"), []);
  });
}
