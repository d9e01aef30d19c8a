import { assert, assertEquals, assertRejects } from "@std/assert";
import { TransientError, withRetry } from "../../../../src/auth/tokens/retry.ts";
import { retryAfter } from "../../../../src/http/http.ts";
import { ConnectionError } from "../../../../src/runtime/types.ts";
import { withFakeTime } from "../../../parts/fake_time.ts";

/** Runs `attempts` one by one, without waiting, and notes how long it would have waited. */
async function run(attempts: (() => string)[], within = 50_000) {
  const waits: number[] = [];
  const all = attempts.length;
  const outcome = await withRetry(() => Promise.resolve().then(() => attempts.shift()!()), {
    attempts: 5,
    within,
    firstDelay: 1_000,
    sleep: (milliseconds) => Promise.resolve(void waits.push(milliseconds)),
  }).catch((error: Error) => error.message);
  return { outcome, waits, made: all - attempts.length };
}

function failing(message = "passing", after?: number) {
  return () => {
    throw new TransientError(message, { retryAfter: after });
  };
}

Deno.test("after the first success there is no other attempt", async () => {
  assertEquals(await run([() => "done"]), { outcome: "done", waits: [], made: 1 });
});

Deno.test("a temporary failure is tried again, each wait twice as long and random from half of it", async () => {
  const { outcome, waits, made } = await run([
    ...Array.from({ length: 4 }, () => failing()),
    () => "done",
  ]);
  assertEquals([outcome, made], ["done", 5]);
  for (const [index, wait] of waits.entries()) {
    const longest = 1_000 * 2 ** index;
    assert(longest / 2 <= wait && wait <= longest, `wait ${index} is ${wait}`);
  }
});

Deno.test("waits differ from one another, so that proxies do not come back in step", async () => {
  const waits = await Promise.all(
    Array.from({ length: 20 }, async () => (await run([failing(), () => "done"])).waits[0]),
  );
  assert(new Set(waits).size > 10);
});

Deno.test("a failure that is not temporary is reported at once", async () => {
  const failure = () => {
    throw new Error("final");
  };
  assertEquals(await run([failure, () => "done"]), { outcome: "final", waits: [], made: 1 });
});

Deno.test("the number of attempts is bounded", async () => {
  const { outcome, made } = await run(Array.from({ length: 9 }, (_, index) => failing(`${index}`)));
  assertEquals([outcome, made], ["4", 5]);
});

Deno.test("a server that refuses connections is tried for no more than 8 s", () =>
  withFakeTime(async (time) => {
    const cause = new ConnectionError("connection refused", false);
    const attempt = () => Promise.reject(new TransientError("refused", {}, cause));
    const ended = assertRejects(
      () => withRetry(attempt, { attempts: 5, within: 50_000, firstDelay: 1_000 }),
      TransientError,
    ).then(() => time.passed);
    await time.pass(50_000);
    assert(await ended <= 8_000, `${await ended} ms`);
  }));

Deno.test("the wait is the server's Retry-After", async () => {
  const { waits } = await run([failing("busy", 7_000), failing("busy", 0), () => "done"]);
  assertEquals(waits, [7_000, 0]);
});

Deno.test("a wait that is longer than the remaining time is not started", async () => {
  const { outcome, waits, made } = await run([failing("come back tomorrow", 86_400_000)]);
  assertEquals([outcome, waits, made], ["come back tomorrow", [], 1]);
});

Deno.test("each failure before another attempt is reported, and the last one is thrown", async () => {
  const told: string[] = [];
  const attempts = [failing("first"), failing("second"), failing("third")];
  await assertRejects(
    () =>
      withRetry(() => Promise.resolve().then(() => attempts.shift()!()), {
        attempts: 3,
        within: 1_000,
        firstDelay: 0,
        sleep: () => Promise.resolve(),
        onRetry: ({ message }) => told.push(message),
      }),
    TransientError,
    "third",
  );
  assertEquals(told, ["first", "second"]);
});

Deno.test("Retry-After is seconds or a date, and nothing else", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  const values: readonly (readonly [header: string | null, milliseconds: number | undefined])[] = [
    ["120", 120_000],
    [" 0 ", 0],
    ["Thu, 01 Jan 2026 00:01:00 GMT", 60_000],
    ["Wed, 31 Dec 2025 00:00:00 GMT", 0],
    ["1.5", 1_500],
    ["soon", undefined],
    ["-5", undefined],
    ["", undefined],
    [null, undefined],
  ];
  for (const [header, milliseconds] of values) {
    assertEquals(retryAfter(header, now), milliseconds, String(header));
  }
});
