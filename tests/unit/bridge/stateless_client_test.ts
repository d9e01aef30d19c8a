import { assert, assertEquals, assertRejects } from "@std/assert";
import { type StatelessClient, statelessClient } from "../../../src/bridge/stateless_client.ts";
import { ProxyError } from "../../../src/errors.ts";
import { MAX_CALL_WAITING, MAX_NOTIFICATIONS } from "../../../src/limits.ts";
import { SILENT } from "../../../src/log/log.ts";
import {
  createFakeUpstream,
  failure,
  type FakeAnswer,
  type FakeUpstream,
  messageOf,
  openReply,
  type Reading,
  reading,
  result,
  type Sent,
  waitingClient,
} from "../../parts/fake_upstream.ts";
import { _meta } from "../../parts/modern_messages.ts";

// A client of 2026-07-28 in front of a server that begins sessions: each row of the second table in
// docs/protocol-versions.md.

const SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId";
const INFO = { "io.modelcontextprotocol/serverInfo": { name: "legacy", version: "1" } };

const initialized: FakeAnswer = (sent) =>
  result(sent, {
    protocolVersion: "2025-11-25",
    capabilities: {
      tools: { listChanged: true },
      resources: { subscribe: true },
      logging: {},
      tasks: {},
    },
    serverInfo: { name: "legacy", version: "1" },
    instructions: "Be kind",
  });

interface Bridged {
  readonly client: StatelessClient;
  readonly server: FakeUpstream;
  /** Sends a request. */
  ask(message: unknown): Promise<Reading>;
  /** Sends a request whose reply is one message. */
  // deno-lint-ignore no-explicit-any -- tests assert on what they expect to be there
  answer(message: unknown): Promise<any>;
}

function bridged(answers: Record<string, FakeAnswer> = {}, maxHeld = 4, heldFor?: number): Bridged {
  const server = createFakeUpstream({ initialize: initialized, ...answers });
  const client = statelessClient(() => server, { maxHeld, log: SILENT, heldFor });
  const ask = async (message: unknown) =>
    reading(await client.send(messageOf(message), waitingClient().waiting));
  return { client, server, ask, answer: async (message) => await (await ask(message)).next() };
}

/** A request of a client that can answer questions. */
function request(
  id: number | string,
  method: string,
  params: Record<string, unknown> = {},
  meta: Record<string, unknown> = {},
) {
  const clientCapabilities = { elicitation: {}, sampling: {}, roots: {}, tasks: {} };
  const all = {
    ..._meta,
    "io.modelcontextprotocol/clientCapabilities": clientCapabilities,
    ...meta,
  };
  return { jsonrpc: "2.0", id, method, params: { ...params, _meta: all } };
}

const toolCall = (id: number, more: Record<string, unknown> = {}, meta = {}) =>
  request(id, "tools/call", { name: "echo", arguments: { n: 1 }, ...more }, meta);

const question = (id: unknown, method: string, params?: unknown) => ({
  jsonrpc: "2.0",
  id,
  method,
  params,
});

const elicitation = (id: unknown = "q") => question(id, "elicitation/create", { message: "?" });

const notification = (method: string, params: unknown = {}) => ({ jsonrpc: "2.0", method, params });

Deno.test("the first request begins a session with the client's name and capabilities, and later ones use it", async () => {
  const { server, answer } = bridged();
  await answer(toolCall(1));
  await answer(toolCall(2));
  const methods = [...server.sent].map(({ method }) => method);
  assertEquals(methods, ["initialize", "notifications/initialized", "tools/call", "tools/call"]);
  const { params } = JSON.parse(server.received("initialize")[0].text);
  assertEquals(params.clientInfo, { name: "test", version: "1.0.0" });
  assertEquals(params.protocolVersion, "2025-11-25");
  assertEquals(params.capabilities, { elicitation: {}, sampling: {}, roots: {} }, "without tasks");
});

Deno.test("each set of capabilities has a session; the least recently used session is ended", async () => {
  const servers: FakeUpstream[] = [];
  const connect = () => {
    const server = createFakeUpstream({ initialize: initialized });
    servers.push(server);
    return server;
  };
  const client = statelessClient(connect, { maxHeld: 1, log: SILENT });
  const send = async (set: number) => {
    const meta = { "io.modelcontextprotocol/clientCapabilities": { experimental: { set } } };
    await client.send(messageOf(request(1, "tools/list", {}, meta)), waitingClient().waiting);
  };
  for (const set of [0, 1, 2, 3, 4, 5, 6, 7, 0, 8]) await send(set);
  assertEquals(servers.length, 9);
  await Promise.resolve();
  assertEquals(servers.map(({ isClosed }) => isClosed).indexOf(true), 1);
  assertEquals(servers.filter(({ isClosed }) => isClosed).length, 1);
});

Deno.test("server/discover is answered from initialize", async () => {
  const { server, answer } = bridged();
  assertEquals(await answer(request("d", "server/discover")), {
    jsonrpc: "2.0",
    id: "d",
    result: {
      resultType: "complete",
      supportedVersions: ["2026-07-28"],
      capabilities: { tools: { listChanged: true }, resources: { subscribe: true }, logging: {} },
      instructions: "Be kind",
      ttlMs: 0,
      cacheScope: "private",
      _meta: INFO,
    },
  });
  assertEquals(server.received("server/discover"), []);
});

Deno.test("a server that refuses initialize: its error is the answer", async () => {
  const { answer } = bridged({ initialize: (sent) => failure(sent, -32602, "not you") });
  const { id, error } = await answer(toolCall(1));
  assertEquals([id, error.code, error.message], [1, -32602, "not you"]);
});

Deno.test("a session that the server does not let begin is ended", async () => {
  const { server, ask } = bridged({
    "notifications/initialized": () => Promise.reject(new Error("no")),
  });
  await assertRejects(() => ask(toolCall(1)), Error, "no");
  assert(server.isClosed);
  assertEquals(server.received("tools/call"), []);
});

Deno.test("after a session that did not begin, the next request begins one", async () => {
  let isFirst = true;
  const { server, answer, ask } = bridged({
    initialize(sent) {
      if (!isFirst) return initialized(sent);
      isFirst = false;
      return Promise.reject(new Error("no"));
    },
  });
  await assertRejects(() => ask(toolCall(1)), Error, "no");
  for (const id of [2, 3]) {
    assertEquals((await answer(toolCall(id))).result.resultType, "complete");
  }
  assertEquals(server.received("initialize").length, 2);
});

Deno.test("a stream with which the server answers a notification or a response is closed", async () => {
  const stream = openReply();
  const streamed = () => openReply().reply;
  const { server, ask } = bridged({
    "notifications/initialized": streamed,
    response: streamed,
    "tools/call": () => stream.reply,
  });
  const next = (await ask(toolCall(1))).next();
  stream.send(question("p", "ping"));
  stream.send({ jsonrpc: "2.0", id: 1, result: {} });
  await next;
  for (const method of ["notifications/initialized", "response"]) {
    const [{ signal }] = server.received(method);
    assert(signal.aborted, method);
  }
});

Deno.test("a request that is cancelled while its session begins is not sent", async () => {
  const begins = Promise.withResolvers<void>();
  const { client, server } = bridged({
    async initialize(sent) {
      await begins.promise;
      return await initialized(sent);
    },
  });
  const { waiting, abort } = waitingClient();
  const sent = assertRejects(() => client.send(messageOf(toolCall(1)), waiting));
  abort();
  begins.resolve();
  await sent;
  assert(server.received("tools/call").every(({ signal }) => signal.aborted));
});

Deno.test("a request loses the modern members of _meta and nothing else", async () => {
  const { server, ask } = bridged();
  const meta = JSON.stringify(_meta).slice(1, -1);
  const params = `"name":"echo", "x":[1.0],"arguments":{ "n":12345678901234567890,"é":"\\u00e9" }`;
  await ask(
    `{"method":"tools/call","params":{${params},"_meta":{"progressToken":7,${meta}}},"jsonrpc":"2.0","id":1}`,
  );
  await ask(
    `{"method":"tools/call","params":{${params},"_meta":{${meta}}},"jsonrpc":"2.0","id":1}`,
  );
  const expected = (meta: string) =>
    `{"method":"tools/call","params":{${params}${meta}},"jsonrpc":"2.0","id":1}`;
  assertEquals(server.received("tools/call").map(({ text }) => text), [
    expected(`,"_meta":{"progressToken":7}`),
    expected(""),
  ]);
});

Deno.test("a result gets resultType and the server's name; a cacheable one may not be kept", async () => {
  const raw = (text: string): FakeAnswer => ({ message }) => ({
    kind: "single",
    messages: [`{"result":${text},"jsonrpc":"2.0","id":${message.requests[0]}}`],
  });
  const { client } = bridged({
    "tools/call": raw(`{"n":12345678901234567890,"content":[]}`),
    "tools/list": raw(`{"tools":[],"_meta":{"a":1}}`),
  });
  const { waiting } = waitingClient();
  const sent = async (message: unknown) =>
    (await client.send(messageOf(message), waiting)).messages;
  const info = JSON.stringify(INFO);
  assertEquals(await sent(toolCall(1)), [
    `{"result":{"resultType":"complete","_meta":${info},"n":12345678901234567890,"content":[]},"jsonrpc":"2.0","id":1}`,
  ]);
  const [list] = await sent(request(2, "tools/list")) as string[];
  assertEquals(JSON.parse(list).result, {
    resultType: "complete",
    ttlMs: 0,
    cacheScope: "private",
    tools: [],
    _meta: { a: 1, ...INFO },
  });
});

Deno.test("an error stays as it is", async () => {
  const { answer } = bridged({ "resources/read": (sent) => failure(sent, -32002, "not found") });
  assertEquals(await answer(request(1, "resources/read", { uri: "x:y" })), {
    jsonrpc: "2.0",
    id: 1,
    error: { code: -32002, message: "not found" },
  });
});

for (
  const [method, params, answer] of [
    ["elicitation/create", { message: "?" }, { action: "accept", content: { a: 1 } }],
    ["elicitation/create", { message: "?" }, { action: "cancel" }],
    ["sampling/createMessage", { messages: [], maxTokens: 1 }, { role: "assistant", content: {} }],
    ["roots/list", undefined, { roots: [{ uri: "file:///a" }] }],
  ] as const
) {
  Deno.test(`${method} during a call becomes input_required, and ${JSON.stringify(answer)} its answer`, async () => {
    const stream = openReply();
    const { server, ask } = bridged({ "tools/call": () => stream.reply });
    const first = await ask(toolCall(1));
    stream.send(question(7, method, params));
    const { id, result: asked } = await first.next();
    assertEquals([id, asked.resultType], [1, "input_required"]);
    const [[key, input]] = Object.entries(asked.inputRequests);
    assertEquals(input, params === undefined ? { method } : { method, params });

    const { requestState } = asked;
    const second = await ask(toolCall(2, { requestState, inputResponses: { [key]: answer } }));
    const done = second.next();
    await server.sent.until(({ method }) => method === "response");
    assertEquals(JSON.parse(server.received("response")[0].text), {
      jsonrpc: "2.0",
      id: 7,
      result: answer,
    });
    stream.send({ jsonrpc: "2.0", id: 1, result: { content: [] } });
    assertEquals((await done).id, 2);
    assertEquals(server.received("tools/call").length, 1);
  });
}

Deno.test("a question outside of the reply, as HTTP+SSE servers ask it, belongs to the call", async () => {
  const waits = Promise.withResolvers<Sent>();
  const answered = openReply();
  const { server, ask } = bridged({
    "tools/call"(sent) {
      waits.resolve(sent);
      return answered.reply;
    },
  });
  const first = await ask(toolCall(1));
  await waits.promise;
  await server.tell(elicitation());
  const { result: asked } = await first.next();
  assertEquals(asked.resultType, "input_required");
});

Deno.test("a question that may be another call's is answered even if its own call has been answered", async () => {
  const stream = openReply();
  const { server, ask } = bridged({ "tools/call": () => stream.reply });
  const first = await ask(toolCall(1));
  await server.tell(elicitation());
  const { inputRequests, requestState } = (await first.next()).result;
  await stream.send({ jsonrpc: "2.0", id: 1, result: { content: [] } });
  const inputResponses = { [Object.keys(inputRequests)[0]]: { action: "decline" } };
  const second = await ask(toolCall(2, { requestState, inputResponses }));
  assertEquals((await second.next()).result.content, []);
  const [answer] = server.received("response").map(({ text }) => JSON.parse(text));
  assertEquals([answer.id, answer.result], ["q", { action: "decline" }]);
});

Deno.test("a question that may be another call's is refused if its call is cancelled", async () => {
  const stream = openReply();
  const { client, server, ask } = bridged({ "tools/call": () => stream.reply });
  const first = await ask(toolCall(1));
  await server.tell(elicitation());
  await first.next();
  await client.close(AbortSignal.timeout(1_000));
  const [answer] = server.received("response").map(({ text }) => JSON.parse(text));
  assertEquals([answer.id, answer.error.code], ["q", -32601]);
});

Deno.test("a question outside of the reply is refused while the only call waits for its client", async () => {
  const stream = openReply();
  const bridge = bridged({ "tools/call": () => stream.reply });
  const first = await bridge.ask(toolCall(1));
  stream.send(elicitation());
  const { inputRequests, requestState } = (await first.next()).result;
  await bridge.server.tell(elicitation("nobody's"));
  const [refused] = bridge.server.received("response").map(({ text }) => JSON.parse(text));
  assertEquals([refused.id, refused.error.code], ["nobody's", -32601]);

  const inputResponses = { [Object.keys(inputRequests)[0]]: { action: "decline" } };
  const second = await bridge.ask(toolCall(2, { requestState, inputResponses }));
  const asked = second.next();
  await first.rest(); // The end of the first exchange is not the end of the second one.
  await bridge.server.tell(elicitation("again"));
  assertEquals((await asked).result.resultType, "input_required");
});

Deno.test("a question outside of the reply is refused if too much waits for the call's client", async () => {
  const { server, ask } = bridged({ "tools/call": () => openReply().reply });
  await ask(toolCall(1, {}, { "io.modelcontextprotocol/logLevel": "info" }));
  const data = "x".repeat(MAX_CALL_WAITING);
  await server.tell(notification("notifications/message", { level: "info", data }));
  await server.tell(elicitation());
  const { text } = await server.sent.until(({ method }) => method === "response");
  assertEquals([JSON.parse(text).id, JSON.parse(text).error.code], ["q", -32601]);
});

Deno.test("the id of a call that waits for input can be used again: the server sees another one", async () => {
  const stream = openReply();
  const streams = [stream.reply];
  const bridge = bridged({
    "tools/call": (sent) => streams.pop() ?? result(sent, { content: [] }),
  });
  const state = await held(bridge, stream);
  const other = await bridge.answer(toolCall(1));
  assertEquals([other.id, other.result.content], [1, []]);
  const [first, second] = bridge.server.received("tools/call").map(({ text }) => JSON.parse(text));
  assertEquals(first.id, 1);
  assert(second.id !== 1);
  const last = await bridge.ask(toolCall(1, state));
  stream.send({ jsonrpc: "2.0", id: 1, result: { content: ["done"] } });
  assertEquals((await last.next()).result.content, ["done"]);
});

Deno.test("input that the client leaves out is requested again with a new state", async () => {
  const stream = openReply();
  const { ask } = bridged({ "tools/call": () => stream.reply });
  const first = await ask(toolCall(1));
  stream.send(elicitation());
  const { requestState } = (await first.next()).result;
  const { result: again } = await (await ask(toolCall(2, { requestState }))).next();
  assertEquals(again.resultType, "input_required");
  assert(again.requestState !== requestState);
  assertEquals(Object.keys(again.inputRequests).length, 1);
});

Deno.test("several rounds of one call, with progress under the token of the latest request", async () => {
  const stream = openReply();
  const { server, ask } = bridged({ "tools/call": () => stream.reply });
  let reading = await ask(toolCall(1, {}, { progressToken: "one" }));
  for (const round of [1, 2, 3]) {
    stream.send(notification("notifications/progress", { progressToken: "one", progress: round }));
    stream.send(elicitation(round));
    const { params } = await reading.next();
    assertEquals(params.progressToken, round === 1 ? "one" : `round ${round}`);
    const { result: { inputRequests, requestState } } = await reading.next();
    const inputResponses = { [Object.keys(inputRequests)[0]]: { action: "decline" } };
    reading = await ask(
      toolCall(round + 1, { requestState, inputResponses }, {
        progressToken: `round ${round + 1}`,
      }),
    );
  }
  stream.send({ jsonrpc: "2.0", id: 1, result: {} });
  assertEquals((await reading.next()).id, 4);
  assertEquals(server.received("tools/call").length, 1);
  assertEquals(server.received("response").length, 3);
});

Deno.test("progress for a request without a token keeps the token of the call's first request", async () => {
  const stream = openReply();
  const bridge = bridged({ "tools/call": () => stream.reply });
  const first = await bridge.ask(toolCall(1, {}, { progressToken: "one" }));
  stream.send(elicitation());
  const { result: { inputRequests, requestState } } = await first.next();
  const inputResponses = { [Object.keys(inputRequests)[0]]: { action: "decline" } };
  const second = await bridge.ask(toolCall(2, { requestState, inputResponses }));
  stream.send(notification("notifications/progress", { progressToken: "one", progress: 1 }));
  assertEquals((await second.next()).params, { progressToken: "one", progress: 1 });
});

Deno.test("what comes outside of any reply belongs to the call with its token, or to the only call", async () => {
  const streams = [openReply(), openReply()];
  const rest = [...streams];
  const { server, ask } = bridged({ "tools/call": () => rest.shift()!.reply });
  const logs = { "io.modelcontextprotocol/logLevel": "info" };
  const [one, two] = [
    await ask(toolCall(1, {}, { progressToken: "one", ...logs })),
    await ask(toolCall(2, {}, { progressToken: "two", ...logs })),
  ];
  const progress = (progressToken: string) =>
    notification("notifications/progress", { progressToken, progress: 1 });
  const log = (data: string) => notification("notifications/message", { level: "info", data });
  await server.tell(log("for whom?"));
  await server.tell(progress("nobody"));
  await server.tell(progress("two"));
  await server.tell(progress("one"));
  assertEquals((await two.next()).params.progressToken, "two");
  assertEquals((await one.next()).params.progressToken, "one");
  streams[1].send({ jsonrpc: "2.0", id: 2, result: {} });
  assertEquals((await two.next()).id, 2);
  await server.tell(log("for the only call"));
  assertEquals((await one.next()).params.data, "for the only call");
  streams[0].send({ jsonrpc: "2.0", id: 1, result: {} });
  assertEquals((await one.next()).id, 1);
});

for (
  const [what, message] of [
    [
      "its client did not declare",
      toolCall(1, {}, {
        "io.modelcontextprotocol/clientCapabilities": {},
      }),
    ],
    ["its request cannot carry", request(1, "tools/list")],
  ] as const
) {
  Deno.test(`a question that ${what} is refused at the server, and the call goes on`, async () => {
    const stream = openReply();
    const streamed = () => stream.reply;
    const { server, ask } = bridged({ "tools/call": streamed, "tools/list": streamed });
    const next = (await ask(message)).next();
    stream.send(elicitation());
    const { text } = await server.sent.until(({ method }) => method === "response");
    assertEquals(JSON.parse(text).error.code, -32601);
    stream.send({ jsonrpc: "2.0", id: 1, result: {} });
    assertEquals((await next).result.resultType, "complete");
  });
}

Deno.test("a server's request outside of any call gets -32601, and ping a result", async () => {
  const { server, answer } = bridged();
  await answer(toolCall(1));
  await server.tell(elicitation("late"));
  await server.tell(question("p", "ping"));
  await server.sent.until(({ message }) => message.responses[0] === '"p"');
  const [refused, pong] = server.received("response").map(({ text }) => JSON.parse(text));
  assertEquals([refused.id, refused.error.code], ["late", -32601]);
  assertEquals([pong.id, pong.result], ["p", {}]);
});

Deno.test("a server that does not accept the proxy's answer to its request: the call is cancelled, and not sent again", async () => {
  const stream = openReply();
  const refused = new ProxyError("http_status", "refused", { status: 400, mayHaveRun: false });
  const { server, ask } = bridged({
    "tools/call": () => stream.reply,
    response: () => Promise.reject(refused),
  });
  const reply = await ask(toolCall(1));
  stream.send(question("p", "ping"));
  const { reason, message, details } = await assertRejects(() => reply.next()) as ProxyError;
  assertEquals([reason, details.mayHaveRun], ["bad_response", true]);
  assert(message.includes("did not accept the answer to its ping: refused"), message);
  assertEquals(server.received("notifications/cancelled").length, 1);
  assertEquals(server.received("tools/call").length, 1);
});

async function held(bridge: Bridged, stream = openReply(), id = 1) {
  const reply = await bridge.ask(toolCall(id));
  stream.send(elicitation());
  const { result: { inputRequests, requestState } } = await reply.next();
  const [key] = Object.keys(inputRequests);
  return { requestState, inputResponses: { [key]: { action: "accept" } } };
}

Deno.test("requestState works once, for the same request, and only as it is", async () => {
  const stream = openReply();
  const bridge = bridged({ "tools/call": () => stream.reply });
  const { requestState, inputResponses } = await held(bridge, stream);
  const other = requestState[20] === "A" ? "B" : "A";
  for (
    const wrong of [
      { requestState: `${requestState.slice(0, 20)}${other}${requestState.slice(21)}` },
      { requestState: "" },
      { requestState: "not base64!" },
      { requestState: "A".repeat(100_000) },
      { requestState, arguments: { n: 2 } },
      { requestState, name: "other" },
    ]
  ) {
    const { error } = await bridge.answer(toolCall(2, { inputResponses, ...wrong }));
    assertEquals(error.code, -32602, JSON.stringify(wrong).slice(0, 100));
  }
  const otherMethod = request(3, "prompts/get", {
    name: "echo",
    arguments: { n: 1 },
    requestState,
    inputResponses,
  });
  assertEquals((await bridge.answer(otherMethod)).error.code, -32602);

  const reply = await bridge.ask(toolCall(4, { requestState, inputResponses }));
  stream.send({ jsonrpc: "2.0", id: 1, result: { content: [] } });
  assertEquals((await reply.next()).result.content, []);
  const replay = await bridge.answer(toolCall(5, { requestState, inputResponses }));
  assertEquals(replay.error.code, -32602);
  assertEquals(bridge.server.received("tools/call").length, 1);
});

Deno.test("a state of another process is an error", async () => {
  const stream = openReply();
  const one = bridged({ "tools/call": () => stream.reply });
  const state = await held(one, stream);
  const other = bridged();
  assertEquals((await other.answer(toolCall(1, state))).error.code, -32602);
});

Deno.test("a call whose input does not arrive in time is cancelled at the server, and its state is an error", async () => {
  const stream = openReply();
  const bridge = bridged({ "tools/call": () => stream.reply }, 1, 1);
  const state = await held(bridge, stream);
  const { text } = await bridge.server.sent.until(({ method }) =>
    method === "notifications/cancelled"
  );
  assertEquals(JSON.parse(text).params.requestId, 1);
  assertEquals((await bridge.answer(toolCall(2, state))).error.code, -32602);
});

Deno.test("only so many calls wait for input: one more is cancelled with an error", async () => {
  const streams: ReturnType<typeof openReply>[] = [];
  const bridge = bridged({
    "tools/call"() {
      streams.push(openReply());
      return streams.at(-1)!.reply;
    },
  }, 1);
  const first = await bridge.ask(toolCall(1));
  streams[0].send(elicitation());
  await first.next();
  const second = await bridge.ask(toolCall(2));
  streams[1].send(elicitation());
  const error = await assertRejects(() => second.next()) as ProxyError;
  assert(error.message.includes("MCP_MAX_IN_FLIGHT"), error.message);
  const [cancelled] = bridge.server.received("notifications/cancelled");
  assertEquals(JSON.parse(cancelled.text).params.requestId, 2);
});

Deno.test("a server that answers although its question is open: the client's next request gets the answer", async () => {
  const stream = openReply();
  const bridge = bridged({ "tools/call": () => stream.reply });
  const state = await held(bridge, stream);
  await stream.send({ jsonrpc: "2.0", id: 1, result: { content: ["too late"] } });
  const { id, result } = await bridge.answer(toolCall(2, state));
  assertEquals([id, result.content], [2, ["too late"]]);
  assertEquals(bridge.server.received("response"), []);
});

Deno.test("a request that the client gives up is cancelled at the server", async () => {
  const stream = openReply();
  const { client, server } = bridged({ "tools/call": () => stream.reply });
  const { waiting, abort } = waitingClient();
  await client.send(messageOf(toolCall(1)), waiting);
  abort();
  assertEquals(JSON.parse(server.received("notifications/cancelled")[0].text).params.requestId, 1);
  assert(server.received("tools/call")[0].signal.aborted);
});

Deno.test("a request with input that the client gives up cancels the call, under the id that the server knows", async () => {
  const stream = openReply();
  const bridge = bridged({ "tools/call": () => stream.reply });
  const state = await held(bridge, stream);
  const { waiting, abort } = waitingClient();
  const reply = reading(await bridge.client.send(messageOf(toolCall(2, state)), waiting));
  const next = reply.next();
  await bridge.server.sent.until(({ method }) => method === "response");
  abort();
  assertEquals(await next, undefined, "no answer");
  const [cancelled] = bridge.server.received("notifications/cancelled");
  assertEquals(JSON.parse(cancelled.text).params.requestId, 1);
  assertEquals((await bridge.answer(toolCall(3, state))).error.code, -32602);
  assertEquals(bridge.server.received("tools/call").length, 1);
});

Deno.test("a connection that breaks after the input was sent is an error that says so", async () => {
  const stream = openReply();
  const bridge = bridged({ "tools/call": () => stream.reply });
  const state = await held(bridge, stream);
  const reply = await bridge.ask(toolCall(2, state));
  const next = reply.next();
  stream.messages.end(new Error("cut"));
  const { message, details } = await assertRejects(() => next) as ProxyError;
  assert(message.includes("after its input was sent: cut"), message);
  assertEquals(details.mayHaveRun, true);
});

Deno.test("a server that does not accept the input: the call is cancelled, with one error", async () => {
  const stream = openReply();
  const bridge = bridged({
    "tools/call": () => stream.reply,
    response: () => Promise.reject(new Error("no session")),
  });
  const state = await held(bridge, stream);
  const reply = await bridge.ask(toolCall(2, state));
  await assertRejects(() => reply.next(), Error, "no session");
  assertEquals(bridge.server.received("notifications/cancelled").length, 1);
});

Deno.test("the log level of a request goes to the server when it changes; other requests get no log messages", async () => {
  const LEVEL = "io.modelcontextprotocol/logLevel";
  const log = notification("notifications/message", { level: "info", data: "x" });
  const streamed: FakeAnswer = ({ message }) => {
    const stream = openReply();
    stream.send(log);
    stream.send({ jsonrpc: "2.0", id: JSON.parse(message.requests[0]), result: {} });
    stream.messages.end();
    return stream.reply;
  };
  const { server, ask } = bridged({ "tools/call": streamed });
  const methods = async (id: number, meta: Record<string, unknown>) =>
    (await (await ask(toolCall(id, {}, meta))).rest()).map(({ method }) => method);
  assertEquals(await methods(1, {}), [undefined]);
  assertEquals(await methods(2, { [LEVEL]: "info" }), ["notifications/message", undefined]);
  assertEquals(await methods(3, { [LEVEL]: "info" }), ["notifications/message", undefined]);
  assertEquals(await methods(4, { [LEVEL]: "debug" }), ["notifications/message", undefined]);
  const levels = server.received("logging/setLevel").map(({ text }) =>
    JSON.parse(text).params.level
  );
  assertEquals(levels, ["info", "debug"]);
});

Deno.test("a server that does not accept the log level gets the request, and the level with the next one", async () => {
  const meta = { "io.modelcontextprotocol/logLevel": "info" };
  const { server, answer } = bridged({
    "logging/setLevel": () => Promise.reject(new Error("busy")),
  });
  for (const id of [1, 2]) {
    assertEquals((await answer(toolCall(id, {}, meta))).result.resultType, "complete");
  }
  assertEquals(server.received("logging/setLevel").length, 2);
});

Deno.test("subscriptions/listen: acknowledged with what the server offers, marked, and undone when it ends", async () => {
  const { client, server } = bridged({
    "resources/subscribe": (sent) =>
      sent.text.includes("x:no") ? failure(sent, -32602) : result(sent, {}),
  });
  const { waiting, abort } = waitingClient();
  const notifications = {
    toolsListChanged: true,
    promptsListChanged: true,
    resourceSubscriptions: ["x:y", "x:no"],
  };
  const listen = messageOf(request("sub", "subscriptions/listen", { notifications }));
  const messages = reading(await client.send(listen, waiting));
  assertEquals(await messages.next(), {
    jsonrpc: "2.0",
    method: "notifications/subscriptions/acknowledged",
    params: {
      notifications: { toolsListChanged: true, resourceSubscriptions: ["x:y"] },
      _meta: { [SUBSCRIPTION]: "sub" },
    },
  });
  await server.tell(notification("notifications/prompts/list_changed"));
  await server.tell(notification("notifications/resources/updated", { uri: "x:other" }));
  await server.tell(notification("notifications/resources/updated", { uri: "x:y" }));
  await server.tell(notification("notifications/tools/list_changed"));
  const [updated, changed] = [await messages.next(), await messages.next()];
  assertEquals(updated.params, { uri: "x:y", _meta: { [SUBSCRIPTION]: "sub" } });
  assertEquals(changed.method, "notifications/tools/list_changed");
  assertEquals(changed.params._meta, { [SUBSCRIPTION]: "sub" });
  abort();
  await server.sent.until(({ method }) => method === "resources/unsubscribe");
});

Deno.test("what changes before the acknowledgement comes after it; a resource is subscribed once", async () => {
  const subscribed = Promise.withResolvers<void>();
  const { client, server } = bridged({
    "resources/subscribe": async (sent) => {
      await subscribed.promise;
      return result(sent, {});
    },
  });
  const notifications = { toolsListChanged: true, resourceSubscriptions: [1, "x:y", "x:y", null] };
  const listen = messageOf(request("sub", "subscriptions/listen", { notifications }));
  const reply = client.send(listen, waitingClient().waiting);
  await server.sent.until(({ method }) => method === "resources/subscribe");
  for (let n = 0; n < MAX_NOTIFICATIONS + 10; n++) {
    await server.tell(notification("notifications/tools/list_changed", { n }));
  }
  subscribed.resolve();
  const messages = reading(await reply);
  const { method, params } = await messages.next();
  assertEquals(method, "notifications/subscriptions/acknowledged");
  assertEquals(params.notifications, { toolsListChanged: true, resourceSubscriptions: ["x:y"] });
  for (let n = 0; n < MAX_NOTIFICATIONS; n++) {
    assertEquals((await messages.next()).params.n, n);
  }
  await server.tell(notification("notifications/tools/list_changed", { n: "last" }));
  assertEquals((await messages.next()).params.n, "last", "the others were too many");
  assertEquals(server.received("resources/subscribe").length, 1);
});

Deno.test("a resource that two subscriptions need is subscribed once, until both have ended", async () => {
  const { client, server } = bridged();
  const notifications = { resourceSubscriptions: ["x:y"] };
  const clients = [waitingClient(), waitingClient()];
  for (const [index, { waiting }] of clients.entries()) {
    const listen = messageOf(request(`sub${index}`, "subscriptions/listen", { notifications }));
    await reading(await client.send(listen, waiting)).next();
  }
  assertEquals(server.received("resources/subscribe").length, 1);
  clients[0].abort();
  assertEquals(server.received("resources/unsubscribe").length, 0);
  clients[1].abort();
  await server.sent.until(({ method }) => method === "resources/unsubscribe");
});

Deno.test("a version other than 2026-07-28 is refused with the supported one", async () => {
  const { server, answer } = bridged();
  const meta = { "io.modelcontextprotocol/protocolVersion": "2099-01-01" };
  const { error } = await answer(toolCall(1, {}, meta));
  assertEquals([error.code, error.data], [-32022, {
    supported: ["2026-07-28"],
    requested: "2099-01-01",
  }]);
  assertEquals([...server.sent], []);
});

for (
  const method of [
    "initialize",
    "ping",
    "logging/setLevel",
    "resources/subscribe",
    "resources/unsubscribe",
  ]
) {
  Deno.test(`${method}, which 2026-07-28 does not have, is refused and not sent`, async () => {
    const { server, answer } = bridged();
    assertEquals((await answer(request(1, method))).error.code, -32601);
    assertEquals([...server.sent], []);
  });
}

Deno.test("closing cancels the calls that wait, and ends the session", async () => {
  const stream = openReply();
  const bridge = bridged({ "tools/call": () => stream.reply });
  await held(bridge, stream);
  await bridge.client.close(AbortSignal.timeout(1_000));
  assertEquals(bridge.server.received("notifications/cancelled").length, 1);
  assert(bridge.server.isClosed);
});

Deno.test("what the server sends in invalid JSON is passed on as it is, for the relay to report", async () => {
  for (const text of ['{"jsonrpc":"2.0","id":1,"result":{"a', `{"a":"${"x".repeat(300_000)}`]) {
    const stream = openReply();
    const bridge = bridged({ "tools/call": () => stream.reply });
    const { messages } = await bridge.client.send(messageOf(toolCall(1)), waitingClient().waiting);
    stream.messages.push(text);
    stream.messages.end();
    assertEquals(await Array.fromAsync(messages), [text]);
  }
});

Deno.test("a long request and a long result are distinguished", async () => {
  const stream = openReply();
  const bridge = bridged({ "tools/call": () => stream.reply });
  const reply = await bridge.ask(toolCall(1));
  const data = "x".repeat(300_000);
  stream.send(question("q", "sampling/createMessage", { messages: [data] }));
  const { result: { resultType, inputRequests, requestState } } = await reply.next();
  assertEquals(resultType, "input_required");
  const inputResponses = { [Object.keys(inputRequests)[0]]: { role: "assistant" } };
  const done = await bridge.ask(toolCall(2, { requestState, inputResponses }));
  stream.send({ jsonrpc: "2.0", id: 1, result: { content: [data] } });
  const { id, result: { content } } = await done.next();
  assertEquals([id, content[0].length], [2, data.length]);
});
