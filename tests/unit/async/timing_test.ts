import { assertEquals } from "@std/assert";
import { inactivityTimer } from "../../../src/async/timing.ts";
import { withFakeTime } from "../../parts/fake_time.ts";

const MINUTE = 60_000;

Deno.test("an inactivity timer aborts after the time, counted from its last restart", () =>
  withFakeTime(async (time) => {
    const { signal, restart } = inactivityTimer(5 * MINUTE);
    await time.pass(4 * MINUTE);
    restart();
    await time.pass(4 * MINUTE);
    assertEquals(signal.aborted, false);
    await time.pass(MINUTE);
    assertEquals(signal.aborted, true);
  }));

Deno.test("an inactivity timer that is stopped does not abort", () =>
  withFakeTime(async (time) => {
    const { signal, stop } = inactivityTimer(MINUTE);
    stop();
    await time.pass(2 * MINUTE);
    assertEquals(signal.aborted, false);
  }));

Deno.test("an inactivity timer aborts soon after the machine was suspended", () =>
  withFakeTime(async (time) => {
    const { signal } = inactivityTimer(30 * MINUTE);
    const { now } = Date;
    await time.pass(MINUTE);
    Date.now = () => now() + 10 * MINUTE;
    assertEquals(signal.aborted, false);
    await time.pass(MINUTE / 2);
    assertEquals(signal.aborted, true);
  }));
