import { assert, assertEquals, assertRejects } from "@std/assert";
import { type SessionClient, sessionClient } from "../../../src/bridge/session_client.ts";
import type { ProxyError } from "../../../src/errors.ts";
import { LONG } from "../../../src/json/text.ts";
import { MAX_EMPTY_ROUNDS, MAX_ROUNDS } from "../../../src/limits.ts";
import { SILENT } from "../../../src/log/log.ts";
import type { Reply } from "../../../src/upstream/upstream.ts";
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
  single,
  waitingClient,
} from "../../parts/fake_upstream.ts";
import { withFakeTime } from "../../parts/fake_time.ts";

// A client of 2025-11-25 or earlier in front of a server of 2026-07-28: each row of the first table in
// docs/protocol-versions.md.

const PREFIX = "io.modelcontextprotocol";

const discovered: FakeAnswer = (sent) =>
  result(sent, {
    resultType: "complete",
    supportedVersions: ["2026-07-28"],
    capabilities: {
      tools: { listChanged: true },
      resources: { subscribe: true },
      tasks: {},
      extensions: { [`${PREFIX}/tasks`]: {}, "x/y": {} },
    },
    instructions: "Be kind",
    _meta: { [`${PREFIX}/serverInfo`]: { name: "modern", version: "1" } },
  });

interface Bridged {
  readonly client: SessionClient;
  readonly server: FakeUpstream;
  send(message: unknown): Promise<Reply>;
  ask(message: unknown): Promise<Reading>;
  // deno-lint-ignore no-explicit-any -- tests assert on what they expect to be there
  answer(message: unknown): Promise<any>;
}

/** A client that has begun its session, unless it is to do so itself. */
async function bridged(
  answers: Record<string, FakeAnswer> = {},
  capabilities: unknown = { elicitation: {}, sampling: {}, roots: {}, tasks: {} },
): Promise<Bridged> {
  const server = createFakeUpstream({ "server/discover": discovered, ...answers });
  const client = sessionClient(server, SILENT);
  const send = (message: unknown) => client.send(messageOf(message), waitingClient().waiting);
  const ask = async (message: unknown) => reading(await send(message));
  await send(initialize("2025-11-25", capabilities));
  return { client, server, send, ask, answer: async (it) => await (await ask(it)).next() };
}

function initialize(protocolVersion: string, capabilities: unknown = {}) {
  const clientInfo = { name: "legacy client", version: "3" };
  return request("init", "initialize", { protocolVersion, capabilities, clientInfo });
}

function request(id: number | string, method: string, params?: Record<string, unknown>) {
  return { jsonrpc: "2.0", id, method, params };
}

const toolCall = (id: number, more: Record<string, unknown> = {}) =>
  request(id, "tools/call", { name: "echo", arguments: {}, ...more });

const notification = (method: string, params: unknown = {}) => ({ jsonrpc: "2.0", method, params });

const paramsOf = ({ text }: Sent) => JSON.parse(text).params;

for (
  const [asked, answered] of [
    ["2024-11-05", "2024-11-05"],
    ["2025-03-26", "2025-03-26"],
    ["2025-06-18", "2025-06-18"],
    ["2025-11-25", "2025-11-25"],
    ["2031-01-01", "2025-11-25"],
  ]
) {
  Deno.test(`initialize with ${asked} is answered from server/discover, with ${answered}`, async () => {
    const { server, answer } = await bridged();
    assertEquals((await answer(initialize(asked))).result, {
      protocolVersion: answered,
      capabilities: {
        tools: { listChanged: true },
        resources: { subscribe: true },
        extensions: { "x/y": {} },
      },
      serverInfo: { name: "modern", version: "1" },
      instructions: "Be kind",
    });
    assertEquals(server.received("initialize"), []);
  });
}

Deno.test("a server that does not speak 2026-07-28 is not a modern one", async () => {
  for (
    const answer of [
      (sent: Sent) => result(sent, { supportedVersions: ["2030-01-01"] }),
      (sent: Sent) => result(sent, {}),
      (sent: Sent) => failure(sent, -32601),
    ]
  ) {
    const client = sessionClient(createFakeUpstream({ "server/discover": answer }), SILENT);
    const { waiting } = waitingClient();
    assertEquals(await client.discover(messageOf(initialize("2025-11-25")), waiting), false);
  }
});

Deno.test("a server that refuses the version and names it as supported is asked once more", async () => {
  for (const [supported, isModern] of [[["2026-07-28"], true], [["2030-01-01"], false]] as const) {
    let isFirst = true;
    const server = createFakeUpstream({
      "server/discover"(sent) {
        if (!isFirst) return discovered(sent);
        isFirst = false;
        const error = { code: -32022, message: "no", data: { supported } };
        return single(JSON.stringify({ jsonrpc: "2.0", id: "mcp-oauth-proxy-discover", error }));
      },
    });
    const client = sessionClient(server, SILENT);
    const { waiting } = waitingClient();
    assertEquals(await client.discover(messageOf(initialize("2025-11-25")), waiting), isModern);
  }
});

Deno.test("a request gets the version, the client's name and capabilities, and nothing else changes", async () => {
  const { server, ask } = await bridged();
  const params = `"name":"echo", "x":[1.0],"arguments":{ "n":12345678901234567890,"é":"\\u00e9" }`;
  await ask(
    `{"method":"tools/call","params":{${params},"_meta":{"progressToken":7}},"jsonrpc":"2.0","id":1}`,
  );
  const [{ text }] = server.received("tools/call");
  const meta = JSON.stringify({
    progressToken: 7,
    [`${PREFIX}/protocolVersion`]: "2026-07-28",
    [`${PREFIX}/clientInfo`]: { name: "legacy client", version: "3" },
    [`${PREFIX}/clientCapabilities`]: { elicitation: {}, sampling: {}, roots: {} },
  });
  assertEquals(
    text,
    `{"method":"tools/call","params":{${params},"_meta":${meta}},"jsonrpc":"2.0","id":1}`,
  );
});

Deno.test("a request without params gets some", async () => {
  const { server, ask } = await bridged();
  await ask(request(1, "tools/list"));
  assertEquals(
    paramsOf(server.received("tools/list")[0])._meta[`${PREFIX}/protocolVersion`],
    "2026-07-28",
  );
});

Deno.test("results and errors stay as they are", async () => {
  const text = `{"result":{"n":12345678901234567890,"content":[]},"jsonrpc":"2.0","id":1}`;
  const { send, answer } = await bridged({
    "tools/call": () => single(text),
    "resources/read": (sent) => failure(sent, -32602, "not found"),
  });
  assertEquals((await send(toolCall(1))).messages, [text]);
  assertEquals((await answer(request(2, "resources/read", { uri: "x:y" }))).error, {
    code: -32602,
    message: "not found",
  });
});

Deno.test("ping is answered here, and notifications are not sent", async () => {
  const { server, send, answer } = await bridged();
  assertEquals(await answer(request("p", "ping")), { jsonrpc: "2.0", id: "p", result: {} });
  for (
    const method of [
      "notifications/initialized",
      "notifications/roots/list_changed",
      "notifications/cancelled",
      "notifications/progress",
    ]
  ) assertEquals(await send(notification(method)), { kind: "none", messages: [] });
  assertEquals([...server.sent].map(({ method }) => method), ["server/discover"]);
});

Deno.test("logging/setLevel is answered here, and later requests carry the level", async () => {
  const { server, ask, answer } = await bridged();
  await ask(toolCall(1));
  assertEquals((await answer(request(2, "logging/setLevel", { level: "debug" }))).result, {});
  await ask(toolCall(3));
  const levels = server.received("tools/call").map((sent) =>
    paramsOf(sent)._meta[`${PREFIX}/logLevel`]
  );
  assertEquals(levels, [undefined, "debug"]);
  assertEquals(server.received("logging/setLevel"), []);
});

Deno.test("a batch is sent as single messages, and answered one by one", async () => {
  const { server, ask } = await bridged();
  const batch = [toolCall(1), notification("notifications/progress"), request("p", "ping")];
  const ids = (await (await ask(batch)).rest()).map(({ id }) => id);
  assertEquals(new Set(ids), new Set([1, "p"]));
  assertEquals(server.received("tools/call").length, 1);
});

/** A tool that asks for this first, and then returns what it was answered. */
function asking(inputRequests: unknown, requestState: unknown = "state"): FakeAnswer {
  return (sent) => {
    const { inputResponses, requestState: state } = paramsOf(sent);
    return inputResponses === undefined
      ? result(sent, { resultType: "input_required", inputRequests, requestState })
      : result(sent, { resultType: "complete", inputResponses, state });
  };
}

for (
  const [method, params, answer] of [
    ["elicitation/create", { message: "?" }, { action: "accept", content: { n: 1 } }],
    ["elicitation/create", { message: "?" }, { action: "cancel" }],
    ["sampling/createMessage", { messages: [], maxTokens: 1 }, { role: "assistant" }],
    ["roots/list", undefined, { roots: [] }],
  ] as const
) {
  Deno.test(`input_required becomes ${method}, and ${JSON.stringify(answer)} goes with the repeated request`, async () => {
    const { server, ask, send } = await bridged({
      "tools/call": asking({ key: { method, params } }),
    });
    const reply = await ask(toolCall(1));
    const question = await reply.next();
    assertEquals([question.method, question.params], [method, params]);
    await send({ jsonrpc: "2.0", id: question.id, result: answer });
    const done = await reply.next();
    assertEquals([done.id, done.result.resultType], [1, "complete"]);
    assertEquals([done.result.inputResponses, done.result.state], [{ key: answer }, "state"]);
    const [first, second] = server.received("tools/call").map(({ text }) => JSON.parse(text));
    assert(second.id !== first.id);
    assertEquals(second.params.arguments, first.params.arguments);
  });
}

Deno.test("an answer's numbers and members stay as the client wrote them", async () => {
  const { server, ask, send } = await bridged({
    "tools/call": asking({ key: { method: "elicitation/create", params: { message: "?" } } }),
  });
  const reply = await ask(toolCall(1));
  const { id } = await reply.next();
  const written = `{ "content":{"n":12345678901234567890, "x":1.0},"action":"accept"}`;
  await send(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${written}}`);
  await reply.next();
  assert(server.received("tools/call")[1].text.includes(`"inputResponses":{"key":${written}}`));
});

Deno.test("several inputs are requested together, and the request is repeated once", async () => {
  const elicit = { method: "elicitation/create", params: { message: "?" } };
  const { server, ask, send } = await bridged({
    "tools/call": asking({ a: elicit, b: { method: "roots/list" } }),
  });
  const reply = await ask(toolCall(1));
  const [one, two] = [await reply.next(), await reply.next()];
  await send({ jsonrpc: "2.0", id: two.id, result: { roots: [] } });
  await send({ jsonrpc: "2.0", id: one.id, result: { action: "decline" } });
  assertEquals((await reply.next()).result.inputResponses, {
    a: { action: "decline" },
    b: { roots: [] },
  });
  assertEquals(server.received("tools/call").length, 2);
});

Deno.test("an input_required result without questions is repeated at once, a limited number of times", async () => {
  let rounds = 0;
  const { server, answer } = await bridged({
    "tools/call": (sent) =>
      result(sent, ++rounds % 4 ? { resultType: "input_required", requestState: rounds } : {}),
  });
  assertEquals((await answer(toolCall(1))).result, {});
  assertEquals(server.received("tools/call").map((sent) => paramsOf(sent).requestState), [
    undefined,
    1,
    2,
    3,
  ]);
  const endless = await bridged({
    "tools/call": (sent) => result(sent, { resultType: "input_required" }),
  });
  const reply = await endless.ask(toolCall(1));
  const { message, details } = await assertRejects(() => reply.next()) as ProxyError;
  assert(message.includes("again and again"), message);
  assertEquals(details.mayHaveRun, true);
  assertEquals(endless.server.received("tools/call").length, 1 + MAX_EMPTY_ROUNDS);
});

Deno.test("a server may ask the client several times for one request, but not forever", async () => {
  const elicit = { method: "elicitation/create", params: { message: "?" } };
  const { server, ask, send } = await bridged({
    "tools/call": (sent) =>
      result(sent, { resultType: "input_required", inputRequests: { a: elicit } }),
  });
  const reply = await ask(toolCall(1));
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { id } = await reply.next();
    await send({ jsonrpc: "2.0", id, result: { action: "decline" } });
  }
  const { message } = await assertRejects(() => reply.next()) as ProxyError;
  assert(message.includes("again and again"), message);
  assertEquals(server.received("tools/call").length, 1 + MAX_ROUNDS);
});

Deno.test("a long result that asks for input is one; a complete result that mentions it is not", async () => {
  const requestState = "x".repeat(LONG);
  const { server, answer } = await bridged({
    "tools/call": (sent) =>
      result(
        sent,
        paramsOf(sent).requestState ? {} : { resultType: "input_required", requestState },
      ),
    "prompts/get": (sent) => result(sent, { resultType: "complete", text: "input_required" }),
  });
  assertEquals((await answer(toolCall(1))).result, {});
  const [, again] = server.received("tools/call");
  assertEquals(paramsOf(again).requestState.length, requestState.length);
  const complete = await answer(request(2, "prompts/get", { name: "greet" }));
  assertEquals(complete.result.text, "input_required");
});

Deno.test("the client's error is the answer to its request, and its other questions are withdrawn", async () => {
  const elicit = { method: "elicitation/create", params: { message: "?" } };
  const { client, server, ask, send } = await bridged({
    "tools/call": asking({ a: elicit, b: elicit }),
  });
  const heard = client.listen(new AbortController().signal)[Symbol.asyncIterator]();
  const reply = await ask(toolCall(1));
  const [one, two] = [await reply.next(), await reply.next()];
  await send({ jsonrpc: "2.0", id: one.id, error: { code: -1, message: "no user" } });
  assertEquals(await reply.rest(), [{
    jsonrpc: "2.0",
    id: 1,
    error: { code: -1, message: "no user" },
  }]);
  const { method, params } = JSON.parse((await heard.next()).value);
  assertEquals([method, params], ["notifications/cancelled", { requestId: two.id }]);
  assertEquals(server.received("tools/call").length, 1);
});

for (
  const [what, inputRequests, said] of [
    [
      "something that the client did not declare",
      { a: { method: "sampling/createMessage" } },
      "sampling/createMessage",
    ],
    ["a page by URL", { a: { method: "elicitation/create", params: { mode: "url" } } }, "by URL"],
    ["another method", { a: { method: "tools/list" } }, "tools/list"],
    ["null", { a: null }, "undefined"],
    [
      "too much at once",
      Object.fromEntries(
        Array.from({ length: 65 }, (_, n) => [n, { method: "elicitation/create" }]),
      ),
      "65 inputs",
    ],
  ] as const
) {
  Deno.test(`a server that asks for ${what}: an error, and no question`, async () => {
    const { ask } = await bridged({ "tools/call": asking(inputRequests) }, { elicitation: {} });
    const reply = await ask(toolCall(1));
    const { message, details } = await assertRejects(() => reply.next()) as ProxyError;
    assert(message.includes(said), message);
    assertEquals(details.mayHaveRun, true);
  });
}

Deno.test("a client that never answers: its request ends after ten minutes, and the question is withdrawn", async () => {
  const elicit = { method: "elicitation/create", params: { message: "?" } };
  await withFakeTime(async (time) => {
    const { client, ask } = await bridged({ "tools/call": asking({ a: elicit }) });
    const heard = client.listen(new AbortController().signal)[Symbol.asyncIterator]();
    const reply = await ask(toolCall(1));
    const { id } = await reply.next();
    const rejected = assertRejects(() => reply.next(), Error, "no input within 10 minutes");
    await time.pass(10 * 60_000);
    await rejected;
    assertEquals(JSON.parse((await heard.next()).value).params, { requestId: id });
  });
});

Deno.test("if the client cancels its request, the question is withdrawn and nothing is repeated", async () => {
  const elicit = { method: "elicitation/create", params: { message: "?" } };
  const { client, server } = await bridged({ "tools/call": asking({ a: elicit }) });
  const heard = client.listen(new AbortController().signal)[Symbol.asyncIterator]();
  const { waiting, abort } = waitingClient();
  const reply = reading(await client.send(messageOf(toolCall(1)), waiting));
  const { id } = await reply.next();
  const rejected = assertRejects(() => reply.next());
  abort();
  await rejected;
  assertEquals(JSON.parse((await heard.next()).value).params, { requestId: id });
  assertEquals(server.received("tools/call").length, 1);
});

Deno.test("a connection that is closed: open questions end with an error and are withdrawn", async () => {
  const elicit = { method: "elicitation/create", params: { message: "?" } };
  const { client, server, ask } = await bridged({ "tools/call": asking({ a: elicit }) });
  const reply = await ask(toolCall(1));
  await reply.next();
  const rejected = assertRejects(() => reply.next(), Error, "ended before the input arrived");
  await client.close(AbortSignal.timeout(1_000));
  await rejected;
  assertEquals(server.received("tools/call").length, 1);
});

Deno.test("a stream that breaks after the input was sent is not a request to be sent again", async () => {
  const elicit = { method: "elicitation/create", params: { message: "?" } };
  for (const error of [new Error("cut"), undefined]) {
    const { ask, send } = await bridged({
      "tools/call"(sent) {
        if (!paramsOf(sent).inputResponses) return asking({ a: elicit })(sent);
        const stream = openReply();
        stream.messages.end(error);
        return stream.reply;
      },
    });
    const reply = await ask(toolCall(1));
    const { id } = await reply.next();
    await send({ jsonrpc: "2.0", id, result: {} });
    const { message, reason, details } = await assertRejects(() => reply.next()) as ProxyError;
    assert(message.includes("after its input was sent"), message);
    assertEquals([reason, details.mayHaveRun], ["bad_response", true]);
  }
});

Deno.test("a failure after the input was sent is not one after which the request is sent again", async () => {
  const elicit = { method: "elicitation/create", params: { message: "?" } };
  const { ask, send } = await bridged({
    "tools/call": (sent) =>
      paramsOf(sent).inputResponses
        ? Promise.reject(new Error("connection refused"))
        : asking({ a: elicit })(sent),
  });
  const reply = await ask(toolCall(1));
  const { id } = await reply.next();
  await send({ jsonrpc: "2.0", id, result: {} });
  const { message, details } = await assertRejects(() => reply.next()) as ProxyError;
  assert(message.includes("after its input was sent: connection refused"), message);
  assertEquals(details.mayHaveRun, true);
});

Deno.test("text that is not JSON is passed on as it is, even if it mentions input_required", async () => {
  const stream = openReply();
  const { send } = await bridged({ "tools/call": () => stream.reply });
  const { messages } = await send(toolCall(1));
  const broken = [
    '{"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required',
    `{"input_required":"${"x".repeat(300_000)}`,
  ];
  for (const text of broken) stream.messages.push(text);
  stream.messages.end();
  assertEquals(await Array.fromAsync(messages), broken);
});

/** A server with subscriptions that the test speaks on. */
function subscriptions() {
  const open: { sent: Sent; stream: ReturnType<typeof openReply> }[] = [];
  const listen: FakeAnswer = (sent) => {
    const stream = openReply();
    open.push({ sent, stream });
    stream.send(notification("notifications/subscriptions/acknowledged"));
    return stream.reply;
  };
  const filters = () => open.map(({ sent }) => paramsOf(sent).notifications);
  return { open, filters, answers: { "subscriptions/listen": listen } };
}

Deno.test("what changes comes from one subscription; the acknowledgement is not passed on", async () => {
  const { open, filters, answers } = subscriptions();
  const { client, server } = await bridged(answers);
  const heard = client.listen(new AbortController().signal)[Symbol.asyncIterator]();
  const next = heard.next();
  await server.sent.until(({ method }) => method === "subscriptions/listen");
  open[0].stream.send(notification("notifications/tools/list_changed"));
  assertEquals(JSON.parse((await next).value).method, "notifications/tools/list_changed");
  assertEquals(filters(), [{ toolsListChanged: true }]);
});

Deno.test("resources/subscribe and unsubscribe change the subscription, and lose nothing in between", async () => {
  const { open, filters, answers } = subscriptions();
  const { client, answer, server } = await bridged(answers);
  const heard = client.listen(new AbortController().signal)[Symbol.asyncIterator]();
  const next = heard.next();
  await server.sent.until(({ method }) => method === "subscriptions/listen");
  assertEquals((await answer(request(1, "resources/subscribe", { uri: "x:y" }))).result, {});
  assert(open[0].sent.signal.aborted, "the old one has ended");
  assert(!open[1].sent.signal.aborted);
  open[1].stream.send(notification("notifications/resources/updated", { uri: "x:y" }));
  assertEquals(JSON.parse((await next).value).params.uri, "x:y");
  assertEquals((await answer(request(2, "resources/unsubscribe", { uri: "x:y" }))).result, {});
  assertEquals(filters(), [
    { toolsListChanged: true },
    { toolsListChanged: true, resourceSubscriptions: ["x:y"] },
    { toolsListChanged: true },
  ]);
});

Deno.test("a subscription that the server refuses is an error, and the one before goes on", async () => {
  const { open, answers } = subscriptions();
  const { client, answer, server } = await bridged({
    "subscriptions/listen": (sent) =>
      sent.text.includes("x:no")
        ? failure(sent, -32602, "unknown resource")
        : answers["subscriptions/listen"](sent),
  });
  client.listen(new AbortController().signal)[Symbol.asyncIterator]().next();
  await server.sent.until(({ method }) => method === "subscriptions/listen");
  const { error } = await answer(request(1, "resources/subscribe", { uri: "x:no" }));
  assertEquals([error.code, error.message], [-32602, "unknown resource"]);
  assert(!open[0].sent.signal.aborted);
});

Deno.test("a subscription that is not acknowledged within 30 s is an error, and does not block the next", () =>
  withFakeTime(async (time) => {
    const silent: Sent[] = [];
    const { answers } = subscriptions();
    const { ask, answer } = await bridged({
      "subscriptions/listen"(sent) {
        if (!sent.text.includes("x:silent")) return answers["subscriptions/listen"](sent);
        silent.push(sent);
        const stream = openReply();
        sent.signal.addEventListener("abort", () => stream.messages.end(sent.signal.reason));
        return stream.reply;
      },
    });
    const refused = assertRejects(() =>
      ask(request(1, "resources/subscribe", { uri: "x:silent" }))
    );
    const next = answer(request(2, "resources/subscribe", { uri: "x:y" }));
    await time.pass(30_000);
    assertEquals((await refused as Error).message, "no answer within 30 s");
    assertEquals((await next).result, {});
    assertEquals(silent.length, 1);
    assert(silent[0].signal.aborted);
  }));

Deno.test("a subscription that breaks is opened again", () =>
  withFakeTime(async (time) => {
    const { open, answers } = subscriptions();
    const { client } = await bridged(answers);
    client.listen(new AbortController().signal)[Symbol.asyncIterator]().next();
    await time.pass(0);
    open[0].stream.messages.end(new Error("cut"));
    await time.pass(2_000);
    assertEquals(open.length, 2);
  }));
