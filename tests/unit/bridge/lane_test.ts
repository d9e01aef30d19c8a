import { assert, assertEquals, assertRejects } from "@std/assert";
import { createQueue } from "../../../src/async/queue.ts";
import { createLane, type LaneOptions } from "../../../src/bridge/lane.ts";
import { refusesLegacy, refusesModern } from "../../../src/bridge/refusal.ts";
import { ProxyError } from "../../../src/errors.ts";
import type { Upstream } from "../../../src/upstream/upstream.ts";
import { withFakeTime } from "../../parts/fake_time.ts";
import {
  createFakeUpstream,
  failure,
  messageOf,
  result,
  type Sent,
  waitingClient,
} from "../../parts/fake_upstream.ts";

const request = messageOf({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} });
const refusal = new ProxyError("http_status", "Unsupported protocol version", { status: 400 });

function lane(native: Upstream, more: Partial<LaneOptions> = {}) {
  const settled: boolean[] = [];
  const failed: unknown[] = [];
  const { send, listen, close } = createLane({
    native,
    isRefusal: refusesModern,
    check: () => messageOf({ jsonrpc: "2.0", id: "check", method: "server/discover" }),
    bridge: () => Promise.resolve(undefined),
    isBridgeRefusal: refusesLegacy,
    unbridge: () => Promise.resolve(undefined),
    onSettled: (isBridged) => settled.push(isBridged),
    onProbeFailed: (error) => failed.push(error),
    ...more,
  });
  const { waiting } = waitingClient();
  return {
    send: (by = waiting, message = request) => send(message, by),
    listen,
    close,
    settled,
    failed,
  };
}

const refusing = () => createFakeUpstream({ "tools/list": () => Promise.reject(refusal) });

Deno.test("a server that answers is not probed", async () => {
  const { send, settled } = lane(createFakeUpstream({}), {
    bridge: () => Promise.reject(new Error("probed")),
  });
  await send();
  await send();
  assertEquals(settled, [false]);
});

Deno.test("many refused messages cause one probe, and all go over the bridge", async () => {
  let probes = 0;
  const other = createFakeUpstream({});
  const { send, settled } = lane(refusing(), {
    bridge() {
      probes++;
      return Promise.resolve(other);
    },
  });
  await Promise.all([send(), send(), send()]);
  await send();
  assertEquals([probes, other.received("tools/list").length, settled], [1, 4, [true]]);
});

Deno.test("a server that refuses one message and answers the check is not left for a bridge", async () => {
  let refuses = false;
  const native = createFakeUpstream({
    "tools/list": (sent) => refuses ? Promise.reject(refusal) : result(sent, {}),
  });
  const { send, settled } = lane(native, {
    bridge: () => Promise.reject(new Error("probed")),
  });
  await send();
  refuses = true;
  assertEquals(await assertRejects(() => send()), refusal);
  assertEquals(native.received("server/discover").length, 1);
  assertEquals(settled, [false]);
});

Deno.test("a server that refuses several messages is checked once, and none is sent again", async () => {
  let refuses = false;
  const native = createFakeUpstream({
    "tools/list": (sent) => refuses ? Promise.reject(refusal) : result(sent, {}),
  });
  const { send } = lane(native);
  await send();
  refuses = true;
  for (let n = 0; n < 3; n++) assertEquals(await assertRejects(() => send()), refusal);
  assertEquals(native.received("server/discover").length, 1);
  assertEquals(native.received("tools/list").length, 4);
});

Deno.test("only an answer to a request shows that the route is right", async () => {
  const failure = { status: 500, body: "", failure: refusal };
  const { send, settled } = lane(createFakeUpstream({
    "tools/call": () => ({ kind: "single", messages: [], failure }),
    "prompts/list": () => Promise.reject(new ProxyError("unreachable", "no connection")),
  }));
  const message = (value: object) => messageOf({ jsonrpc: "2.0", ...value });
  await send(undefined, message({ method: "notifications/progress" }));
  await send(undefined, message({ id: 1, method: "tools/call" }));
  await assertRejects(() => send(undefined, message({ id: 2, method: "prompts/list" })));
  assertEquals(settled, []);
  await send();
  assertEquals(settled, [false]);
});

Deno.test("listening goes on over the bridge when the route changes, and ends with the stream", async () => {
  const [native, other] = [refusing(), createFakeUpstream({})];
  const { send, listen } = lane(native, { bridge: () => Promise.resolve(other) });
  const end = new AbortController();
  const heard = listen(end.signal)[Symbol.asyncIterator]();
  const first = heard.next();
  native.tell("native");
  assertEquals((await first).value, '"native"');
  const second = heard.next();
  await send();
  await other.listening;
  other.tell("bridged");
  assertEquals((await second).value, '"bridged"');
  end.abort();
  assertEquals((await heard.next()).done, true);

  const silent = lane({ ...createFakeUpstream({}), listen: async function* () {} });
  const listening = silent.listen(new AbortController().signal)[Symbol.asyncIterator]();
  assertEquals((await listening.next()).done, true, "the server has no stream");
});

Deno.test("the answer to the check is read, since its stream may have answers to other calls", async () => {
  const answers = createQueue<string>();
  let refuses = false;
  const { send } = lane(createFakeUpstream({
    "tools/list": (sent) => refuses ? Promise.reject(refusal) : result(sent, {}),
    "server/discover": () => ({ kind: "stream", messages: answers }),
  }));
  await send();
  refuses = true;
  const refused = assertRejects(() => send());
  await answers.push('{"jsonrpc":"2.0","id":"check","result":{}}');
  assertEquals(await refused, refusal);
});

Deno.test("a check that is not answered within 10 s: the refusal is the answer", () =>
  withFakeTime(async (time) => {
    let refuses = false;
    const { send } = lane(createFakeUpstream({
      "tools/list": (sent) => refuses ? Promise.reject(refusal) : result(sent, {}),
      "server/discover": ({ signal }) => {
        const answers = createQueue<string>();
        signal.addEventListener("abort", () => answers.drop());
        return { kind: "stream", messages: answers };
      },
    }));
    await send();
    refuses = true;
    const refused = assertRejects(() => send());
    await time.pass(10_000);
    assertEquals(await refused, refusal);
  }));

Deno.test("a server that refuses the check too is tried in the other era", async () => {
  let refuses = false;
  const answer = (sent: Sent) => refuses ? Promise.reject(refusal) : result(sent, {});
  const other = createFakeUpstream({});
  const { send, settled } = lane(
    createFakeUpstream({ "tools/list": answer, "server/discover": answer }),
    { bridge: () => Promise.resolve(other) },
  );
  await send();
  refuses = true;
  await send();
  assertEquals([other.received("tools/list").length, settled], [1, [false, true]]);
});

Deno.test("a request that is cancelled during a probe does not end it for the others", async () => {
  const other = createFakeUpstream({});
  const probing = Promise.withResolvers<void>();
  const probed = Promise.withResolvers<Upstream>();
  const { send } = lane(refusing(), {
    async bridge(_message, { signal }) {
      probing.resolve();
      const bridge = await probed.promise;
      signal.throwIfAborted();
      return bridge;
    },
  });
  const { waiting, abort } = waitingClient();
  const cancelled = assertRejects(() => send(waiting));
  const sent = send();
  await probing.promise;
  abort();
  await cancelled;
  probed.resolve(other);
  await sent;
  assertEquals(other.received("tools/list").length, 1);
});

Deno.test("a probe that does not end within a minute: the refusal is the answer", () =>
  withFakeTime(async (time) => {
    const { send, failed } = lane(refusing(), {
      bridge: (_message, { signal }) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    });
    const refused = assertRejects(() => send());
    await time.pass(60_000);
    assertEquals(await refused, refusal);
    assertEquals(failed.length, 1);
  }));

Deno.test("a bridge that is ready after the end is closed", async () => {
  const probed = Promise.withResolvers<Upstream>();
  const native = refusing();
  const { send, close } = lane(native, { bridge: () => probed.promise });
  const refused = assertRejects(() => send());
  await close(AbortSignal.timeout(1_000));
  const other = createFakeUpstream({});
  probed.resolve(other);
  assertEquals(await refused, refusal);
  assert(other.isClosed);
  assertEquals(native.received("tools/list").length, 1);
});

Deno.test("a server that speaks neither era: its refusal is the answer", async () => {
  const { send } = lane(refusing());
  assertEquals(await assertRejects(() => send()), refusal);
});

Deno.test("a probe that fails for a moment: its error, after which the message may be sent again", async () => {
  const other = createFakeUpstream({});
  const failures = [
    new ProxyError("unreachable", "connection refused", { mayHaveRun: false }),
    new ProxyError("http_status", "busy", { status: 503, retryAfter: 0 }),
  ];
  const left = [...failures];
  const { send, failed } = lane(refusing(), {
    bridge: () => left.length > 0 ? Promise.reject(left.shift()) : Promise.resolve(other),
  });
  assertEquals(await assertRejects(() => send()), failures[0]);
  assertEquals(await assertRejects(() => send()), failures[1]);
  await send();
  assertEquals(failed, failures);
});

Deno.test("a probe that fails for good: the refusal is the answer", async () => {
  const { send } = lane(refusing(), {
    bridge: () => Promise.reject(new ProxyError("bad_response", "not an MCP server")),
  });
  assertEquals(await assertRejects(() => send()), refusal);
});

Deno.test("a fault of the program during a probe is the error of each message, not the refusal", async () => {
  const fault = new SyntaxError("no export of this name");
  const { send, failed } = lane(refusing(), { bridge: () => Promise.reject(fault) });
  const errors = await Promise.all([send(), send()].map((sent) => sent.catch((error) => error)));
  assertEquals([errors, failed], [[fault, fault], []]);
});

Deno.test("a fault of the program during the check is the error of the message, not the refusal", async () => {
  const fault = new TypeError("not a function");
  let isRefusing = false;
  const { send } = lane(createFakeUpstream({
    "tools/list": (sent) => isRefusing ? Promise.reject(refusal) : result(sent, {}),
    "server/discover": () => Promise.reject(fault),
  }));
  await send();
  isRefusing = true;
  assertEquals(await assertRejects(() => send()), fault);
});

Deno.test("a bridged server that comes back in the client's era is reached without the bridge", async () => {
  let isModern = false;
  const native = createFakeUpstream({
    "tools/list": (sent) => isModern ? result(sent, { native: true }) : Promise.reject(refusal),
  });
  const other = createFakeUpstream({
    "tools/list": (sent) => isModern ? failure(sent, -32022) : result(sent, { bridged: true }),
  });
  const { send, settled } = lane(native, {
    bridge: () => Promise.resolve(other),
    unbridge: () => Promise.resolve(native),
  });
  await send();
  isModern = true;
  const { messages } = await send();
  assertEquals(await Array.fromAsync(messages), [
    '{"jsonrpc":"2.0","id":1,"result":{"native":true}}',
  ]);
  assertEquals([settled, other.isClosed], [[true, false], true]);
});
