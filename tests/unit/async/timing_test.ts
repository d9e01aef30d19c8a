import { assertEquals } from "@std/assert";
import { alarm } from "../../../src/async/timing.ts";
import { withFakeTime } from "../../parts/fake_time.ts";

const MINUTE = 60_000;

Deno.test("an alarm rings after the time, counted from its last restart", () =>
  withFakeTime(async (time) => {
    const { signal, restart } = alarm(5 * MINUTE);
    await time.pass(4 * MINUTE);
    restart();
    await time.pass(4 * MINUTE);
    assertEquals(signal.aborted, false);
    await time.pass(MINUTE);
    assertEquals(signal.aborted, true);
  }));

Deno.test("an alarm that is stopped does not ring", () =>
  withFakeTime(async (time) => {
    const { signal, stop } = alarm(MINUTE);
    stop();
    await time.pass(2 * MINUTE);
    assertEquals(signal.aborted, false);
  }));

Deno.test("an alarm rings soon after the machine was suspended", () =>
  withFakeTime(async (time) => {
    const { signal } = alarm(30 * MINUTE);
    const { now } = Date;
    await time.pass(MINUTE);
    Date.now = () => now() + 10 * MINUTE;
    assertEquals(signal.aborted, false);
    await time.pass(MINUTE / 2);
    assertEquals(signal.aborted, true);
  }));
