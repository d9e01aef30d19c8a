import { setImmediate } from "node:timers";

/** The clock and the timers of a test that has no time. */
export interface FakeTime {
  /** Lets milliseconds pass: runs what is due, in order, and all that follows from it. */
  pass(milliseconds: number): Promise<void>;
  /** Milliseconds that have passed. */
  readonly passed: number;
}

interface Timer {
  readonly due: number;
  readonly run: () => void;
}

/**
 * Runs a test in which time passes only when the test says so: `setTimeout`, `Date.now` and
 * `AbortSignal.timeout` are its own, and put back at the end.
 */
export async function withFakeTime(test: (time: FakeTime) => Promise<void>): Promise<void> {
  const real = { setTimeout, clearTimeout, now: Date.now, timeout: AbortSignal.timeout };
  const start = Date.now();
  const timers = new Map<number, Timer>();
  let passed = 0;
  let lastId = 1_000_000;

  /** Lets everything run that waits for no timer. */
  async function settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  function fakeTimeout(run: () => void, milliseconds = 0): number {
    timers.set(++lastId, { due: passed + milliseconds, run });
    return lastId;
  }

  Object.assign(globalThis, {
    setTimeout: fakeTimeout,
    clearTimeout: (id: number) => timers.delete(id),
  });
  Date.now = () => start + passed;
  AbortSignal.timeout = (milliseconds) => {
    const controller = new AbortController();
    fakeTimeout(
      () => controller.abort(new DOMException("Timed out", "TimeoutError")),
      milliseconds,
    );
    return controller.signal;
  };
  try {
    await test({
      get passed() {
        return passed;
      },
      async pass(milliseconds) {
        const end = passed + milliseconds;
        await settle();
        for (;;) {
          const [next] = [...timers].filter(([, { due }]) => due <= end)
            .sort(([, one], [, other]) => one.due - other.due);
          if (!next) break;
          const [id, { due, run }] = next;
          timers.delete(id);
          passed = due;
          run();
          await settle();
        }
        passed = end;
      },
    });
  } finally {
    Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout });
    Date.now = real.now;
    AbortSignal.timeout = real.timeout;
  }
}
