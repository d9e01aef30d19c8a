import { assert, assertEquals } from "@std/assert";
import { ProxyError } from "../../../src/errors.ts";
import { createLog } from "../../../src/log/log.ts";
import { createRedaction } from "../../../src/log/redaction.ts";
import { relay } from "../../../src/relay/relay.ts";
import type { Reply, Upstream, Waiting } from "../../../src/upstream/upstream.ts";
import { createLineWriter } from "../../../src/stdio/writer.ts";
import { type FakeTime, withFakeTime } from "../../parts/fake_time.ts";

// What depends on time; the rest of the relay is tested whole, in tests/integration.

type Send = (waiting: Waiting) => Reply | Promise<Reply>;

/** A relay whose client and server are the test's. */
function startRelay(answers: Record<string, Send>, options: { maxInFlight?: number } = {}) {
  const client = new TransformStream<string[], string[]>(undefined, { highWaterMark: 100 });
  const lines = client.writable.getWriter();
  const answered: { id: unknown; error?: { code: number; data: Record<string, unknown> } }[] = [];
  const sent: string[] = [];
  const log: string[] = [];
  const upstream: Upstream = {
    send(message, waiting) {
      sent.push(message.method!);
      return Promise.resolve(answers[message.method!](waiting));
    },
    async *listen() {},
    close: () => Promise.resolve(void sent.push("(close)")),
  };
  let ended = false;
  const end = relay({
    lines: client.readable,
    output: createLineWriter((chunk) => {
      for (const line of new TextDecoder().decode(chunk).trimEnd().split("\n")) {
        answered.push(JSON.parse(line));
      }
      return Promise.resolve();
    }),
    upstream,
    redact: (text) => text,
    log: createLog(
      { level: "debug", format: "text", redaction: createRedaction() },
      (line) => log.push(line),
    ),
    ...options,
  }).then(() => ended = true);
  return {
    sent,
    answered,
    log,
    end,
    hasEnded: () => ended,
    send: (...messages: Record<string, unknown>[]) =>
      messages.forEach((message) => lines.write([JSON.stringify({ jsonrpc: "2.0", ...message })])),
    sendBatch: (...messages: Record<string, unknown>[]) =>
      lines.write([JSON.stringify(messages.map((message) => ({ jsonrpc: "2.0", ...message })))]),
    closeStdin: () => lines.close(),
  };
}

/** No answer before the request is given up. */
const silence: Send = ({ signal }) =>
  new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(new ProxyError("interrupted", "given up")))
  );

const accepted: Send = () => ({ kind: "none", messages: [] });

/** A stream that reports progress every so many milliseconds before it answers. */
function talking(id: number, every: number, times: number): Send {
  return () => ({
    kind: "stream",
    messages: (async function* () {
      for (let time = 0; time < times; time++) {
        await new Promise((resolve) => setTimeout(resolve, every));
        yield '{"jsonrpc":"2.0","method":"notifications/progress"}';
      }
      yield `{"jsonrpc":"2.0","id":${id},"result":{}}`;
    })(),
  });
}

function testInFakeTime(name: string, test: (time: FakeTime) => Promise<void>) {
  Deno.test(name, () => withFakeTime(test));
}

testInFakeTime(
  "stdin closed: after four seconds what is in flight gets an error",
  async (time) => {
    const { send, closeStdin, sent, answered, end, hasEnded } = startRelay({
      "tools/call": silence,
    });
    send({ id: 1, method: "tools/call" }, { id: 2, method: "tools/call" });
    await time.pass(60_000);
    assertEquals(answered, []);
    closeStdin();
    await time.pass(3_900);
    assert(!hasEnded());
    await time.pass(200);
    await end;
    assertEquals(
      answered.map(({ id, error }) => [id, error?.code, error?.data]),
      [1, 2].map((id) => [
        id,
        -31007,
        { source: "mcp-oauth-proxy", reason: "shutdown", mayHaveRun: true },
      ]),
    );
    assertEquals(sent.at(-1), "(close)");
  },
);

testInFakeTime("stdin closed: a server that keeps talking is cut off too", async (time) => {
  const { send, closeStdin, answered, end, hasEnded } = startRelay({
    "tools/call": talking(1, 1_000, 1_000),
  });
  send({ id: 1, method: "tools/call" });
  closeStdin();
  await time.pass(3_900);
  assert(!hasEnded());
  await time.pass(200);
  await end;
  assertEquals(answered.filter(({ error }) => error?.data.reason === "shutdown").length, 1);
});

testInFakeTime("stdin closed: a subscription ends at once", async (time) => {
  const { send, closeStdin, answered, end } = startRelay({ "subscriptions/listen": silence });
  send({ id: 1, method: "subscriptions/listen" });
  await time.pass(0);
  closeStdin();
  await time.pass(0);
  await end;
  assertEquals(answered.map(({ id, error }) => [id, error?.data.reason]), [[1, "shutdown"]]);
});

testInFakeTime("stdin closed: the relay ends at once if nothing is in flight", async (time) => {
  const { closeStdin, sent, end } = startRelay({});
  closeStdin();
  await time.pass(0);
  await end;
  assertEquals(sent, ["(close)"]);
});

testInFakeTime(
  "stdin closed: the error for a request that was never sent says that it has not run",
  async (time) => {
    const { send, closeStdin, sent, answered, end } = startRelay({ initialize: silence });
    send({ id: 1, method: "initialize" }, { id: 2, method: "tools/list" });
    closeStdin();
    await time.pass(5_000);
    await end;
    assertEquals(sent, ["initialize", "(close)"]);
    assertEquals(
      answered.map(({ id, error }) => [id, error?.data.reason, error?.data.mayHaveRun]),
      [[1, "shutdown", true], [2, "shutdown", false]],
    );
  },
);

testInFakeTime("stdin closed: a waiting request whose id is in use is refused", async (time) => {
  const { send, sendBatch, closeStdin, answered, end } = startRelay({ initialize: silence });
  send({ id: 0, method: "initialize" });
  sendBatch({ id: 1, method: "ping" }, { id: 1, method: "ping" });
  closeStdin();
  await time.pass(5_000);
  await end;
  assertEquals(answered.map(({ id }) => id), [0, 1, 1]);
});

testInFakeTime(
  "stdin closed: requests that still wait for a free slot are not sent",
  async (time) => {
    const { send, closeStdin, sent, answered, end } = startRelay(
      { "tools/call": silence, "tools/list": accepted },
      { maxInFlight: 1 },
    );
    send({ id: 1, method: "tools/call" }, { id: 2, method: "tools/list" });
    closeStdin();
    await time.pass(5_000);
    await end;
    assertEquals(sent, ["tools/call", "(close)"]);
    assertEquals(
      answered.map(({ id, error }) => [id, error?.data.reason, error?.data.mayHaveRun]),
      [[1, "shutdown", true], [2, "shutdown", false]],
    );
  },
);

testInFakeTime(
  "a notification that is never accepted delays the next ones for at most 30 s",
  async (time) => {
    const { send, sent, log } = startRelay({
      "notifications/first": silence,
      "notifications/second": accepted,
      "tools/call": () => ({ kind: "single", messages: ['{"jsonrpc":"2.0","id":1,"result":{}}'] }),
    });
    send(
      { method: "notifications/first" },
      { method: "notifications/second" },
      { id: 1, method: "tools/call" },
    );
    await time.pass(29_900);
    assertEquals(sent, ["notifications/first", "tools/call"]);
    await time.pass(200);
    assertEquals(sent, ["notifications/first", "tools/call", "notifications/second"]);
    assert(log.some((line) => line.includes("notifications/first not accepted")));
  },
);

testInFakeTime(
  "cancellations that are never accepted do not wait for each other, and free their slots",
  async (time) => {
    const { send, sent } = startRelay({
      "tools/call": silence,
      "notifications/cancelled": silence,
      "tools/list": accepted,
    }, { maxInFlight: 2 });
    send(
      ...[1, 2].map((id) => ({ id, method: "tools/call" })),
      ...[1, 2].map((requestId) => ({ method: "notifications/cancelled", params: { requestId } })),
      { id: 3, method: "tools/list" },
      { id: 4, method: "tools/list" },
    );
    await time.pass(30_100);
    assertEquals(sent.filter((method) => method === "tools/list").length, 2);
  },
);

testInFakeTime(
  "a stream that stays open after its answer is closed after a while",
  async (time) => {
    let signal: AbortSignal | undefined;
    const { send, answered } = startRelay({
      "tools/call": (waiting) => {
        signal = waiting.signal;
        return {
          kind: "stream",
          messages: (async function* () {
            yield '{"jsonrpc":"2.0","id":1,"result":{}}';
            await new Promise((resolve) => waiting.signal.addEventListener("abort", resolve));
          })(),
        };
      },
    });
    send({ id: 1, method: "tools/call" });
    await time.pass(4_900);
    assertEquals([answered.length, signal!.aborted], [1, false]);
    await time.pass(200);
    assertEquals([answered.length, signal!.aborted], [1, true]);
  },
);

testInFakeTime(
  "requests beyond the limit wait until others are answered",
  async (time) => {
    const { send, sent, answered } = startRelay({
      "tools/call": talking(1, 1_000, 0),
      "tools/slow": async (waiting) => {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        return await talking(2, 0, 0)(waiting);
      },
    }, { maxInFlight: 1 });
    send({ id: 2, method: "tools/slow" }, { id: 1, method: "tools/call" });
    await time.pass(900);
    assertEquals([sent, answered], [["tools/slow"], []]);
    await time.pass(200);
    assertEquals([sent, answered.map(({ id }) => id)], [["tools/slow", "tools/call"], [2, 1]]);
  },
);

testInFakeTime("a fault of the proxy itself is reported as such, and logged once", async (time) => {
  const { send, answered, log } = startRelay({
    "tools/call": () => {
      throw new TypeError("Cannot read properties of undefined");
    },
  });
  send({ id: 1, method: "tools/call" });
  await time.pass(0);
  assertEquals(answered.map(({ error }) => error?.data.reason), ["internal"]);
  const lines = log.filter((line) => line.includes("Internal error"));
  assertEquals(lines.length, 1);
  assert(lines[0].includes("relay_test.ts"), "with the stack");
});
