import { assertEquals } from "@std/assert";
import { untilSuccess } from "../../../src/async/until_success.ts";
import { withFakeTime } from "../../parts/fake_time.ts";

const PAUSES = { first: 1_000, longest: 4_000 };

Deno.test("attempts continue until one succeeds, with pauses up to a longest one", () =>
  withFakeTime(async (time) => {
    const { signal } = new AbortController();
    const failures: unknown[] = [];
    let attempts = 0;
    let isDone = false;
    const attempt = () => ++attempts < 6 ? Promise.reject(attempts) : Promise.resolve();
    untilSuccess(attempt, (error) => failures.push(error), PAUSES, signal)
      .then(() => isDone = true);
    await time.pass(0);
    assertEquals(attempts, 1);
    await time.pass(1_000 + 2_000 + 3 * 4_000);
    assertEquals([failures, isDone], [[1, 2, 3, 4, 5], true]);
  }));

Deno.test("the signal ends the attempts without an error", () =>
  withFakeTime(async (time) => {
    const controller = new AbortController();
    let attempts = 0;
    let isDone = false;
    const attempt = () => Promise.reject(++attempts);
    untilSuccess(attempt, () => {}, PAUSES, controller.signal).then(() => isDone = true);
    await time.pass(0);
    controller.abort();
    await time.pass(60_000);
    assertEquals([attempts, isDone], [1, true]);
  }));
