import { assert, assertEquals } from "@std/assert";
import {
  LEGACY_TRANSPORTS,
  type LegacyMethod,
  type LegacyServer,
  legacyServer,
} from "../parts/legacy_server.ts";
import { _meta } from "../parts/modern_messages.ts";
import type { Proxy } from "../parts/proxy.ts";
import { notification, withProxy } from "../parts/scripted_proxy.ts";

// A client of 2026-07-28 with a server that begins sessions, on each of its transports: the rows of
// the second table in docs/protocol-versions.md.

const PREFIX = "io.modelcontextprotocol";
const INFO = { [`${PREFIX}/serverInfo`]: { name: "legacy", version: "1" } };

const initialize: LegacyMethod = ({ message }) => ({
  protocolVersion: message.params.protocolVersion,
  capabilities: {
    tools: { listChanged: true },
    resources: { subscribe: true },
    logging: {},
    tasks: {},
  },
  serverInfo: { name: "legacy", version: "1" },
});

/** A request of a client that can answer questions. */
function request(
  id: number | string,
  method: string,
  params: Record<string, unknown> = {},
  meta: Record<string, unknown> = {},
) {
  const clientCapabilities = { elicitation: {}, sampling: {}, roots: {} };
  const all = { ..._meta, [`${PREFIX}/clientCapabilities`]: clientCapabilities, ...meta };
  return { jsonrpc: "2.0", id, method, params: { ...params, _meta: all } };
}

const call = (id: number, more: Record<string, unknown> = {}, meta = {}) =>
  request(id, "tools/call", { name: "echo", arguments: { n: 1 }, ...more }, meta);

interface Pair {
  readonly proxy: Proxy;
  readonly server: LegacyServer;
  /** Sends a request and takes its response. */
  // deno-lint-ignore no-explicit-any -- tests assert on what they expect to be there
  answer(message: { id: number | string }): Promise<any>;
}

for (const transport of LEGACY_TRANSPORTS) testRows(transport);

function testRows(transport: typeof LEGACY_TRANSPORTS[number]): void {
  function row(
    name: string,
    methods: Record<string, LegacyMethod>,
    test: (pair: Pair) => Promise<void>,
  ): void {
    Deno.test(`modern client, legacy server, ${transport}: ${name}`, () => {
      const server = legacyServer(transport, { initialize, ...methods });
      return withProxy(server.script, async ({ proxy }) => {
        const answer = async (message: { id: number | string }) => {
          await proxy.send(message);
          return (await proxy.response(message.id)).message;
        };
        await test({ proxy, server, answer });
      }, { revision: null });
    });
  }

  row("server/discover is answered from initialize", {}, async ({ server, answer }) => {
    assertEquals((await answer(request("d", "server/discover"))).result, {
      resultType: "complete",
      supportedVersions: ["2026-07-28"],
      capabilities: { tools: { listChanged: true }, resources: { subscribe: true }, logging: {} },
      ttlMs: 0,
      cacheScope: "private",
      _meta: INFO,
    });
    const [{ params }] = server.received("initialize");
    assertEquals(params.clientInfo, { name: "test", version: "1.0.0" });
    assertEquals(params.capabilities, { elicitation: {}, sampling: {}, roots: {} });
    assertEquals(server.received("notifications/initialized").length, 1);
  });

  row("requests lose the modern metadata, results get theirs", {
    "tools/call": ({ message }) => ({ content: [], got: message.params }),
    "tools/list": () => ({ tools: [] }),
  }, async ({ server, answer }) => {
    const { result } = await answer(call(1, {}, { progressToken: 7 }));
    const got = { name: "echo", arguments: { n: 1 }, _meta: { progressToken: 7 } };
    assertEquals(result, { resultType: "complete", content: [], got, _meta: INFO });
    assertEquals((await answer(request(2, "tools/list"))).result, {
      resultType: "complete",
      ttlMs: 0,
      cacheScope: "private",
      tools: [],
      _meta: INFO,
    });
    assertEquals(server.received("initialize").length, 1, "one session");
  });

  for (
    const [method, params, input] of [
      ["elicitation/create", { message: "?" }, { action: "accept", content: { n: 1 } }],
      ["elicitation/create", { message: "?" }, { action: "decline" }],
      ["sampling/createMessage", { messages: [], maxTokens: 1 }, { role: "assistant" }],
      ["roots/list", undefined, { roots: [] }],
    ] as const
  ) {
    row(`${method} becomes input_required, answered with ${JSON.stringify(input)}`, {
      "tools/call": async ({ ask }) => ({ got: (await ask(method, params)).result }),
    }, async ({ server, answer }) => {
      await answer(request("d", "server/discover"));
      const { result: { resultType, inputRequests, requestState } } = await answer(call(1));
      assertEquals(resultType, "input_required");
      const [[key, question]] = Object.entries(inputRequests);
      assertEquals(question, params === undefined ? { method } : { method, params });
      const more = { requestState, inputResponses: { [key]: input } };
      const { result } = await answer(call(2, more));
      assertEquals([result.resultType, result.got], ["complete", input]);
      assertEquals(server.received("tools/call").length, 1, "the call runs once");
    });
  }

  row("a question that the client did not declare is refused, and the call goes on", {
    "tools/call": async ({ ask }) => ({ got: (await ask("elicitation/create", {})).error.code }),
  }, async ({ answer }) => {
    const meta = { [`${PREFIX}/clientCapabilities`]: {} };
    assertEquals((await answer(call(1, {}, meta))).result.got, -32601);
  });

  row("a server's request outside of any call is refused, a ping answered", {}, async (pair) => {
    const { server, answer } = pair;
    await answer(request(1, "tools/list"));
    server.tell({ jsonrpc: "2.0", id: "late", method: "elicitation/create", params: {} });
    server.tell({ jsonrpc: "2.0", id: "ping", method: "ping" });
    const { error } = await server.messages.until(({ id }) => id === "late");
    assertEquals(error.code, -32601);
    assertEquals((await server.messages.until(({ id }) => id === "ping")).result, {});
  });

  row("a subscription is acknowledged, marked and undone", {}, async ({ proxy, server }) => {
    const filter = { toolsListChanged: true, promptsListChanged: true };
    const notifications = { ...filter, resourceSubscriptions: ["x:y"] };
    await proxy.send(request("sub", "subscriptions/listen", { notifications }));
    const { message: acknowledged } = await proxy.next();
    const mark = { [`${PREFIX}/subscriptionId`]: "sub" };
    assertEquals([acknowledged.method, acknowledged.params], [
      "notifications/subscriptions/acknowledged",
      {
        notifications: { toolsListChanged: true, resourceSubscriptions: ["x:y"] },
        _meta: mark,
      },
    ]);
    server.tell(notification("notifications/prompts/list_changed"));
    server.tell(notification("notifications/resources/updated", { uri: "x:other" }));
    server.tell(notification("notifications/resources/updated", { uri: "x:y" }));
    server.tell(notification("notifications/tools/list_changed"));
    assertEquals((await proxy.next()).message.params, { uri: "x:y", _meta: mark });
    assertEquals((await proxy.next()).message.method, "notifications/tools/list_changed");
    await proxy.send(notification("notifications/cancelled", { requestId: "sub" }));
    const { params } = await server.messages.until(({ method }) =>
      method === "resources/unsubscribe"
    );
    assertEquals(params, { uri: "x:y" });
  });

  row("the log level becomes logging/setLevel, without one no log messages come", {
    async "tools/call"({ send, ask }) {
      send(notification("notifications/message", { level: "info", data: "x" }));
      await ask("ping"); // The proxy has read what came before.
      return {};
    },
  }, async ({ proxy, server, answer }) => {
    await answer(request("d", "server/discover"));
    await proxy.send(call(1));
    assertEquals((await proxy.next()).message.id, 1);
    for (const id of [2, 3]) {
      await proxy.send(call(id, {}, { [`${PREFIX}/logLevel`]: "info" }));
      const methods = [(await proxy.next()).message.method, (await proxy.next()).message.method];
      assert(methods.includes("notifications/message"), JSON.stringify(methods));
    }
    const levels = server.received("logging/setLevel").map(({ params }) => params);
    assertEquals(levels, [{ level: "info" }]);
  });

  row("progress comes before the result", {
    async "tools/call"({ send, message, ask }) {
      const { progressToken } = message.params._meta;
      send(notification("notifications/progress", { progressToken, progress: 1 }));
      await ask("ping"); // The proxy has read what came before.
      return {};
    },
  }, async ({ proxy, answer }) => {
    await answer(request("d", "server/discover"));
    await proxy.send(call(1, {}, { progressToken: "p" }));
    assertEquals((await proxy.next()).message.params, { progressToken: "p", progress: 1 });
    assertEquals((await proxy.next()).message.id, 1);
  });

  row("a cancelled request is cancelled at the server", {
    "tools/call": ({ message }) => message.params.name === "echo" ? new Promise(() => {}) : {},
  }, async ({ proxy, server, answer }) => {
    await proxy.send(call(1));
    await server.messages.until(({ method }) => method === "tools/call");
    await proxy.send(notification("notifications/cancelled", { requestId: 1 }));
    const { params } = await server.messages.until(({ method }) =>
      method === "notifications/cancelled"
    );
    assertEquals(params.requestId, 1);
    await answer(call(2, { name: "other" }));
    assertEquals(proxy.lines.filter(({ message }) => message.id === 1), []);
  });

  row("a lost session is started again, with its log level and subscriptions", {}, async (pair) => {
    const { proxy, server, answer } = pair;
    const notifications = { resourceSubscriptions: ["x:y"] };
    await proxy.send(request("sub", "subscriptions/listen", { notifications }));
    await proxy.next();
    await answer(call(1, {}, { [`${PREFIX}/logLevel`]: "debug" }));
    server.loseSession();
    const isBegun = ({ method }: { method?: string }) => method === "initialize";
    if (transport === "HTTP+SSE") await server.messages.until(isBegun, 2);
    assertEquals((await answer(call(2))).result.resultType, "complete");
    const methods = [...server.messages].map(({ method }) => method);
    const second = methods.slice(methods.lastIndexOf("initialize"));
    assert(second.includes("resources/subscribe"), second.join());
    assert(second.includes("logging/setLevel"), second.join());
    server.tell(notification("notifications/resources/updated", { uri: "x:y" }));
    assertEquals((await proxy.next()).message.params.uri, "x:y");
    assertEquals(server.received("tools/call").length, 2);
  });

  row("a server whose server/discover lists only versions with sessions gets a session", {
    "server/discover": () => ({
      resultType: "complete",
      supportedVersions: ["2025-11-25", "2025-06-18"],
      capabilities: {},
    }),
  }, async ({ server, answer }) => {
    const { result } = await answer(request("d", "server/discover"));
    assertEquals(result.supportedVersions, ["2026-07-28"]);
    assertEquals((await answer(call(1))).result.resultType, "complete");
    assertEquals(server.received("initialize").length, 1);
  });

  row("an unknown version is refused with the one that is supported", {}, async ({ answer }) => {
    await answer(call(1));
    const { error } = await answer(call(2, {}, { [`${PREFIX}/protocolVersion`]: "2099-01-01" }));
    assertEquals([error.code, error.data.supported], [-32022, ["2026-07-28"]]);
  });
}
