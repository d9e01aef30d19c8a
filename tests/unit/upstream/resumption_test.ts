import { assert, assertEquals, assertRejects } from "@std/assert";
import { ProxyError } from "../../../src/errors.ts";
import type { HttpResponse } from "../../../src/runtime/types.ts";
import { createEndpoint } from "../../../src/upstream/endpoint.ts";
import { resumable } from "../../../src/upstream/resumption.ts";
import { streamMessages } from "../../../src/upstream/reply.ts";
import type { StreamPosition } from "../../../src/http/sse.ts";
import { type FakeTime, withFakeTime } from "../../parts/fake_time.ts";

const endpoint = createEndpoint("https://mcp.example.com/mcp", { http: () => Promise.reject() });

/** A stream of these events that ends, or is cut. */
function stream(events: string, isCut = false): Response {
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(events));
      if (!isCut) controller.close();
    },
    pull(controller) {
      if (isCut) controller.error(new Error("cut"));
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

const event = (id: string, data = id) => `id: ${id}\ndata: ${data}\n\n`;

/** Reads a response stream, answered by the event `answer`, and notes each GET and when it was. */
function reading(
  time: FakeTime,
  first: Response,
  get: (attempt: number) => HttpResponse | Promise<HttpResponse>,
) {
  const position: StreamPosition = {};
  const cancel = new AbortController();
  const heard: string[] = [];
  const gets: { at: number; lastEventId: string }[] = [];
  const waiting = { signal: cancel.signal, answered: () => heard.includes("answer") };
  const messages = resumable(
    streamMessages(first, endpoint, position),
    position,
    waiting,
    endpoint,
    (lastEventId) => {
      gets.push({ at: time.passed, lastEventId });
      return (async () => await get(gets.length))();
    },
  );
  const end = (async () => {
    for await (const text of messages) heard.push(text);
  })();
  end.catch(() => {});
  return { heard, gets, end, cancel: () => cancel.abort() };
}

function testInFakeTime(name: string, test: (time: FakeTime) => Promise<void>) {
  Deno.test(name, () => withFakeTime(test));
}

for (const isCut of [false, true]) {
  const how = isCut ? "is cut" : "is closed gracefully";
  testInFakeTime(
    `a stream that ${how} before the answer goes on from its last event`,
    async (time) => {
      const { heard, gets, end } = reading(
        time,
        stream(event("1") + event("2"), isCut),
        () => stream(event("3") + event("4", "answer")),
      );
      await time.pass(1_000);
      await end;
      assertEquals(heard, ["1", "2", "3", "answer"]);
      assertEquals(gets, [{ at: 1_000, lastEventId: "2" }]);
    },
  );
}

testInFakeTime(
  "each break is resumed from the latest event, after the time that the server named",
  async (time) => {
    const streams = [
      stream("retry: 5000\n" + event("b"), true),
      stream(event("c") + "retry: 20\n\n"),
      stream(event("d", "answer")),
    ];
    const { heard, gets, end } = reading(
      time,
      stream("retry: 30000\n" + event("a")),
      () => streams.shift()!,
    );
    await time.pass(40_000);
    await end;
    assertEquals(heard, ["a", "b", "c", "answer"]);
    assertEquals(gets, [
      { at: 30_000, lastEventId: "a" },
      { at: 35_000, lastEventId: "b" },
      { at: 35_020, lastEventId: "c" },
    ]);
  },
);

testInFakeTime("an event that only has an id is one to resume from", async (time) => {
  const { gets, end } = reading(
    time,
    stream("id: primed\ndata:\n\n"),
    () => stream(event("1", "answer")),
  );
  await time.pass(1_000);
  await end;
  assertEquals(gets.map(({ lastEventId }) => lastEventId), ["primed"]);
});

testInFakeTime(
  "a stream without ids is not resumed, and the error says what broke it",
  async (time) => {
    const cut = reading(time, stream("data: 1\n\n", true), () => stream(""));
    await time.pass(60_000);
    await assertRejects(() => cut.end, ProxyError, "broke");
    const closed = reading(time, stream("data: 1\n\n"), () => stream(""));
    await time.pass(60_000);
    await closed.end;
    assertEquals([...cut.gets, ...closed.gets], []);
  },
);

testInFakeTime("a stream that breaks after the answer is not resumed", async (time) => {
  const { gets, end } = reading(time, stream(event("1", "answer"), true), () => stream(""));
  await time.pass(60_000);
  await end;
  assertEquals(gets, []);
});

testInFakeTime(
  "a resumed stream is closed after the answer, even if the server keeps it open",
  async (time) => {
    let cancelled = false;
    const open = new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode(event("2", "answer"))),
        cancel: () => void (cancelled = true),
      }),
      { headers: { "content-type": "text/event-stream" } },
    );
    const { heard, end } = reading(time, stream(event("1")), () => open);
    await time.pass(1_000);
    await end;
    assertEquals(heard, ["1", "answer"]);
    assert(cancelled);
  },
);

testInFakeTime("temporary failures are tried again: no connection, 5xx, 429", async (time) => {
  const failures: (() => HttpResponse)[] = [
    () => {
      throw new ProxyError("unreachable", "refused");
    },
    () => new Response(null, { status: 502 }),
    () => new Response("busy", { status: 429 }),
    () => stream(""),
  ];
  const { heard, gets, end } = reading(
    time,
    stream(event("1")),
    () => failures.shift()?.() ?? stream(event("2", "answer")),
  );
  await time.pass(60_000);
  await end;
  assertEquals(heard, ["1", "answer"]);
  assertEquals(gets.length, 5);
});

for (const status of [400, 404, 405, 410]) {
  testInFakeTime(
    `a server that says ${status} cannot resume, and is not asked again`,
    async (time) => {
      const { gets, end } = reading(time, stream(event("1")), () => new Response(null, { status }));
      await time.pass(600_000);
      await end;
      assertEquals(gets.length, 1);
    },
  );
}

testInFakeTime(
  "resumptions that bring no event are limited, with growing pauses",
  async (time) => {
    const { gets, end } = reading(time, stream(event("1")), () => stream(""));
    await time.pass(600_000);
    await end;
    assert(gets.length <= 11, `${gets.length} attempts`);
    const waits = gets.map(({ at }, index) => at - (gets[index - 1]?.at ?? 0));
    assert(waits.every((wait) => wait <= 30_000), `${waits}`);
    assert(waits.at(-1)! > waits[0], `${waits}`);
  },
);

testInFakeTime(
  "a silent call survives a gateway that ends idle connections, any number of times",
  async (time) => {
    const idle = () => {
      const body = new ReadableStream({
        start: (controller) => void setTimeout(() => controller.close(), 60_000),
      });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    };
    const { heard, gets, end } = reading(
      time,
      stream(event("1")),
      (n) => n === 100 ? stream(event("2", "answer")) : idle(),
    );
    await time.pass(100 * 62_000);
    await end;
    assertEquals(heard, ["1", "answer"]);
    assert(gets.every(({ at }, n) => n === 0 || at - gets[n - 1].at === 61_000));
  },
);

testInFakeTime(
  "resumptions that bring events are not limited: a call may take days",
  async (time) => {
    const { heard, end } = reading(
      time,
      stream("retry: 60000\n" + event("0")),
      (n) => stream(event(`${n}`, n === 3_000 ? "answer" : `${n}`)),
    );
    await time.pass(3_000 * 60_000);
    await end;
    assertEquals(heard.length, 3_001);
  },
);

testInFakeTime("a call that is cancelled while it waits is not resumed", async (time) => {
  const { gets, end, cancel } = reading(time, stream(event("1")), () => stream(""));
  await time.pass(500);
  cancel();
  await time.pass(60_000);
  await end;
  assertEquals(gets, []);
});
