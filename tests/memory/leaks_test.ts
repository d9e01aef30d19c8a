import { assert, assertEquals } from "@std/assert";
import { createLog } from "../../src/log/log.ts";
import { stringOf } from "../../src/json/text.ts";
import { createRedaction } from "../../src/log/redaction.ts";
import { createInFlight } from "../../src/relay/in_flight.ts";
import { parseMessage } from "../../src/json/jsonrpc.ts";
import { relay } from "../../src/relay/relay.ts";
import type { HttpClient, HttpRequest } from "../../src/runtime/types.ts";
import { mcpServer } from "../../src/bridge/route.ts";
import { heapInUse } from "../parts/heap.ts";
import { modernCall } from "../parts/modern_messages.ts";
import { call, initialize, notification, result } from "../parts/scripted_proxy.ts";

// Requests that are over leave no trace: what the proxy holds after days is what it held at first.

const log = createLog(
  { level: "error", format: "text", redaction: createRedaction() },
  () => {},
);

/** A proxy without HTTP and stdio, whose lines and answers are the test's. */
function start(http: HttpClient) {
  const client = new TransformStream<string[], string[]>(undefined, { highWaterMark: Infinity });
  const lines = client.writable.getWriter();
  const waiting = new Map<unknown, () => void>();
  const end = relay({
    lines: client.readable,
    output: {
      write(line) {
        const { id, method } = JSON.parse(stringOf(line));
        waiting.get(method ?? id)?.();
        waiting.delete(method ?? id);
        return Promise.resolve();
      },
      flushed: () => Promise.resolve(),
      closed: new Promise(() => {}),
    },
    upstream: mcpServer("https://mcp.example.com/mcp", log, { http }),
    redact: (text) => text,
    log,
  });
  const send = (message: unknown) => lines.write([JSON.stringify(message)]);
  return {
    send,
    /** Sends a request and waits for its answer. */
    async ask(request: { id: unknown }) {
      const answered = new Promise<void>((resolve) => waiting.set(request.id, resolve));
      send(request);
      await answered;
    },
    async stop() {
      await lines.close();
      await end;
    },
  };
}

const sse = { headers: { "content-type": "text/event-stream" } };

/** A stream that says this and stays open, until it is given up. */
function open(text: string, signal: AbortSignal | undefined): Response {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      signal?.addEventListener("abort", () => controller.error(signal.reason), { once: true });
    },
  });
  return new Response(body, sse);
}

/** How a call is answered, by the name of its tool. */
const TOOLS: Record<string, (id: unknown, request: HttpRequest) => Response | Promise<Response>> = {
  json: (id) => Response.json(result(id)),
  stream: (id) =>
    new Response(
      `data: ${JSON.stringify(notification("notifications/progress"))}\n\ndata: ${
        JSON.stringify(result(id))
      }\n\n`,
      sse,
    ),
  refused: () => new Response("no", { status: 400 }),
  rubbish: () => new Response("<html>", { headers: { "content-type": "text/html" } }),
  anotherId: () => Response.json(result("another")),
  silent: (_id, { signal }) => open(": nothing yet\n\n", signal),
  hanging: (_id, { signal }) =>
    new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
};

let called = () => {};
let told = () => {};

const answer: HttpClient = async ({ method, body, ...rest }) => {
  if (method !== "POST") return new Response(null, { status: 405 });
  const message = JSON.parse(stringOf(body!));
  if (message.method === "initialize") {
    const headers = { "mcp-session-id": "session" };
    return Response.json(result(message.id, { protocolVersion: "2025-11-25" }), { headers });
  }
  if (message.method === "notifications/cancelled") told();
  if (message.id === undefined) return new Response(null, { status: 202 });
  called();
  return await TOOLS[message.params.name](message.id, { method, body, ...rest });
};

/** A request that is kept is a kilobyte or more; the heap itself is not still to the byte. */
const BYTES_EACH = 200;
/** Batches of rounds of which one must leave the heap as it was. */
const BATCHES = 3;

/**
 * Asserts that rounds leave nothing behind. What they leave is there behind every batch of them; the
 * code that the engine compiles for them takes room too, a few hundred kilobytes once, and when it is
 * ready depends on what else the machine does.
 */
async function assertNothingLeft(
  round: (number: number) => Promise<void>,
  rounds: number,
  bytesEach = BYTES_EACH,
): Promise<void> {
  let number = 0;
  const run = async (count: number) => {
    for (const end = number + count; number < end; number++) await round(number);
  };
  await run(rounds / 4);
  const grown: number[] = [];
  do {
    const before = await heapInUse();
    await run(rounds);
    grown.push(await heapInUse() - before);
  } while (grown.at(-1)! >= rounds * bytesEach && grown.length < BATCHES);
  assert(grown.at(-1)! < rounds * bytesEach, `${grown} bytes`);
}

for (const tool of ["json", "stream", "refused", "rubbish", "anotherId"]) {
  Deno.test(`thousands of calls leave no state: ${tool}`, async () => {
    const proxy = start(answer);
    await proxy.ask(initialize());
    await assertNothingLeft((id) => proxy.ask(call(id, tool)), 2_000);
    await proxy.stop();
  });
}

for (const tool of ["silent", "hanging"]) {
  for (const era of ["legacy", "modern"]) {
    Deno.test(`thousands of cancelled calls leave no state: ${tool}, ${era}`, async () => {
      const proxy = start(answer);
      await proxy.ask(initialize());
      await assertNothingLeft(
        async (id) => {
          const sent = new Promise<void>((resolve) => called = resolve);
          const cancelled = new Promise<void>((resolve) => told = resolve);
          proxy.send(era === "modern" ? modernCall(id, tool) : call(id, tool));
          await sent;
          proxy.send(notification("notifications/cancelled", { requestId: id }));
          if (era === "legacy") await cancelled;
          else await proxy.ask(modernCall(`after ${id}`, "json"));
        },
        2_000,
        2 * BYTES_EACH,
      );
      await proxy.stop();
    });
  }
}

Deno.test("thousands of lost sessions leave no state", async () => {
  let session = 0;
  const proxy = start(async (request) => {
    const { method, headers, body } = request;
    if (method === "DELETE") return new Response(null);
    if (method === "GET") return open(": listening\n\n", request.signal);
    const message = JSON.parse(stringOf(body!));
    if (message.method === "initialize") {
      const headers = { "mcp-session-id": `${++session}` };
      return Response.json(result(message.id, { protocolVersion: "2025-11-25" }), { headers });
    }
    const isLost = headers["mcp-session-id"] !== `${session}`;
    if (message.id !== undefined && !isLost) session++; // The session is lost behind each call.
    return isLost && message.id !== undefined && message.id !== session
      ? new Response(null, { status: 404 })
      : await answer(request);
  });
  await proxy.ask(initialize());
  await proxy.send(notification("notifications/initialized"));
  await assertNothingLeft((id) => proxy.ask(call(`call ${id}`, "json")), 2_000);
  assert(session >= 2_000, `${session} sessions`);
  await proxy.stop();
});

Deno.test("thousands of streams of server messages leave no state", async () => {
  const gets: (() => void)[] = [];
  const proxy = start(async (request) => {
    if (request.method !== "GET") return await answer(request);
    gets.shift()?.();
    const message = JSON.stringify(notification("notifications/message"));
    return new Response(`retry: 0\nid: 1\ndata: ${message}\n\n`, sse);
  });
  await proxy.ask(initialize());
  await withoutWaiting(async () => {
    await proxy.send(notification("notifications/initialized"));
    await assertNothingLeft(() => new Promise<void>((resolve) => gets.push(resolve)), 1_000);
  });
  await proxy.stop();
});

Deno.test("the table of requests is empty after thousands of requests, however they end", () => {
  const inFlight = createInFlight();
  for (let id = 0; id < 5_000; id++) {
    const exchange = inFlight.add(parseMessage(JSON.stringify(call(id))))!;
    if (id % 3 === 0) inFlight.settle(`${id}`);
    if (id % 3 === 1) exchange.cancelled = true;
    inFlight.remove(exchange);
    assertEquals(inFlight.find(`${id}`), undefined);
  }
  assertEquals([...inFlight.all()], []);
});

/** Runs with timers that are due at once: the pauses between streams are not what is tested. */
async function withoutWaiting<T>(run: () => Promise<T>): Promise<T> {
  const { setTimeout } = globalThis;
  Object.assign(globalThis, { setTimeout: (task: () => void) => setTimeout(task, 0) });
  try {
    return await run();
  } finally {
    Object.assign(globalThis, { setTimeout });
  }
}
