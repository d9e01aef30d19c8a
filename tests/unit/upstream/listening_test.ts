import { assert, assertEquals } from "@std/assert";
import { createLog } from "../../../src/log/log.ts";
import { createRedaction } from "../../../src/log/redaction.ts";
import type { HttpResponse } from "../../../src/runtime/types.ts";
import { createEndpoint } from "../../../src/upstream/endpoint.ts";
import { listening } from "../../../src/upstream/listening.ts";
import { type FakeTime, withFakeTime } from "../../parts/fake_time.ts";

const MINUTE = 60_000;

const endpoint = createEndpoint("https://mcp.example.com/mcp", { http: () => Promise.reject() });

/** Listens for so long to a server that answers as the test says. */
async function listen(
  time: FakeTime,
  milliseconds: number,
  answer: (attempt: number, signal: AbortSignal) => HttpResponse | Promise<HttpResponse>,
) {
  const stop = new AbortController();
  const log = createLog(
    { level: "error", format: "text", redaction: createRedaction() },
    (line) => said.push(line),
  );
  const said: string[] = [];
  const attempts: { at: number; lastEventId?: string }[] = [];
  const heard: string[] = [];
  let outcome: string | undefined;
  const messages = listening(
    (signal, lastEventId) => {
      attempts.push({ at: time.passed, lastEventId });
      return Promise.resolve(answer(attempts.length, signal));
    },
    ({ status }) => status === 404,
    endpoint,
    log,
    stop.signal,
  );
  (async () => {
    for (let next = await messages.next();; next = await messages.next()) {
      if (next.done) return outcome = next.value;
      heard.push(next.value);
    }
  })();
  await time.pass(milliseconds);
  stop.abort();
  await time.pass(0);
  return { attempts, heard, outcome, said };
}

const stream = (...events: string[]) =>
  new Response(events.join(""), { headers: { "content-type": "text/event-stream" } });

const event = (id: string) => `id: ${id}\ndata: ${id}\n\n`;

Deno.test("a stream that ends is opened again after a second, with Last-Event-ID", () =>
  withFakeTime(async (time) => {
    const { attempts, heard, outcome } = await listen(time, 2_500, (n) => stream(event(`e${n}`)));
    assertEquals(heard, ["e1", "e2", "e3"]);
    assertEquals(attempts.map(({ lastEventId }) => lastEventId), [undefined, "e1", "e2"]);
    assertEquals(attempts.map(({ at }) => Math.round(at / 1_000)), [0, 1, 2]);
    assertEquals(outcome, "ended");
  }));

Deno.test("the server's own `retry` is how long it takes", () =>
  withFakeTime(async (time) => {
    const { attempts } = await listen(
      time,
      31_000,
      (n) => stream("retry: 30000\n\n", event(`${n}`)),
    );
    assertEquals(attempts.map(({ at }) => at), [0, 30_000]);
  }));

Deno.test("a server that ends every stream at once with retry 0 is asked less and less often", () =>
  withFakeTime(async (time) => {
    const { attempts } = await listen(time, 10 * MINUTE, () => stream("retry: 0\n\n"));
    assert(attempts.length < 40, `${attempts.length} attempts`);
  }));

Deno.test("a server without such a stream is asked once", () =>
  withFakeTime(async (time) => {
    for (const status of [400, 403, 404, 405, 501]) {
      const { attempts, outcome, said } = await listen(
        time,
        60 * MINUTE,
        () => new Response("no", { status }),
      );
      assertEquals([attempts.length, outcome, said], [1, "unsupported", []], String(status));
    }
  }));

Deno.test("the wait for a stream that never opens is limited", () =>
  withFakeTime(async (time) => {
    const { attempts, outcome } = await listen(time, 60 * MINUTE, () => {
      throw new Error("refused");
    });
    assert(attempts.length <= 10, `${attempts.length} attempts`);
    assertEquals(outcome, "unsupported");
  }));

for (
  const [what, failing] of Object.entries<() => HttpResponse>({
    "cannot be reached": () => {
      throw new Error("refused");
    },
    "answers 503": () => new Response(null, { status: 503 }),
    "opens streams that end at once": () => stream(),
  })
) {
  Deno.test(`a server that ${what} for an hour is asked about once a minute, and is used again when it answers`, () =>
    withFakeTime(async (time) => {
      const { attempts, heard, outcome } = await listen(
        time,
        62 * MINUTE,
        (n) => n > 1 && time.passed < 60 * MINUTE ? failing() : stream(event(`e${n}`)),
      );
      const inTheHour = attempts.filter(({ at }) => at < 60 * MINUTE).length;
      assert(55 < inTheHour && inTheHour < 135, `${inTheHour} attempts`);
      assertEquals([heard[0], outcome], ["e1", "ended"]);
      assert(heard.length > 1);
      assertEquals(attempts.at(-1)?.lastEventId, heard.at(-2) ?? "e1");
    }));
}

Deno.test("a 404 after an open stream means that the session is lost", () =>
  withFakeTime(async (time) => {
    const { attempts, outcome } = await listen(
      time,
      MINUTE,
      (n) => n === 1 ? stream(event("e1")) : new Response(null, { status: 404 }),
    );
    assertEquals([attempts.length, outcome], [2, "lost"]);
  }));

Deno.test("if the server thinks that the last stream is still open, the request is repeated", () =>
  withFakeTime(async (time) => {
    for (const opened of [0, 1]) {
      const { heard } = await listen(
        time,
        MINUTE,
        (n) =>
          n <= opened || n > opened + 3
            ? stream(event(`e${n}`))
            : new Response("Conflict: Only one SSE stream is allowed", { status: 409 }),
      );
      assert(heard.length > opened, `${heard}`);
    }
  }));

for (const status of [400, 401, 403, 410, 429, 200]) {
  Deno.test(`after an open stream, a ${status} may be temporary`, () =>
    withFakeTime(async (time) => {
      const { heard, outcome } = await listen(
        time,
        3 * 60 * MINUTE,
        (n) =>
          n === 1 || time.passed > 2 * 60 * MINUTE
            ? stream(event(`e${n}`))
            : new Response("no", { status }),
      );
      assert(heard.length > 1);
      assertEquals(outcome, "ended");
    }));
}

Deno.test("a 405 means at any time that the server has no stream", () =>
  withFakeTime(async (time) => {
    const { attempts, outcome } = await listen(
      time,
      60 * MINUTE,
      (n) => n === 1 ? stream(event("e1")) : new Response(null, { status: 405 }),
    );
    assertEquals([attempts.length, outcome], [2, "unsupported"]);
  }));

Deno.test("a stream that was silent for half an hour is reopened at its last position", () =>
  withFakeTime(async (time) => {
    const { attempts, heard, outcome } = await listen(
      time,
      70 * MINUTE,
      (n, signal) => {
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            controller.enqueue(new TextEncoder().encode(event(`e${n}`)));
            signal.addEventListener("abort", () => controller.error(signal.reason));
          },
        });
        return new Response(body, { headers: { "content-type": "text/event-stream" } });
      },
    );
    assertEquals(attempts.map(({ at }) => Math.round(at / MINUTE)), [0, 30, 60]);
    assertEquals(attempts.map(({ lastEventId }) => lastEventId), [undefined, "e1", "e2"]);
    assertEquals([heard, outcome], [["e1", "e2", "e3"], "ended"]);
  }));

Deno.test("a stream whose server keeps it alive with comments stays open", () =>
  withFakeTime(async (time) => {
    const { attempts } = await listen(time, 70 * MINUTE, (_n, signal) => {
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, MINUTE));
          if (signal.aborted) throw signal.reason;
          controller.enqueue(new TextEncoder().encode(": keep-alive\n\n"));
        },
      });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    });
    assertEquals(attempts.length, 1);
  }));
