/** Pauses, time limits and timers. */

/** The most milliseconds that a timer takes. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Waits.
 *
 * @param milliseconds how long
 * @param signal ends the wait at once, without an error
 */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", done);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
  });
}

/** Resolves when a signal has aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/**
 * The same result, without waiting for it after a signal has aborted. The work goes on for others.
 *
 * @throws the signal's reason, once it has aborted
 */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}

/**
 * Runs a task that leaves nothing open: its signal aborts when its time is up, and also when it is
 * over, whether it succeeds or not.
 */
export function withTimeoutAndAbort<T>(
  milliseconds: number,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withTimeout(milliseconds, async (signal, controller) => {
    try {
      return await task(signal);
    } finally {
      controller.abort();
    }
  });
}

/**
 * Runs a task with a time limit. Unlike `AbortSignal.timeout`, it leaves no timer
 * behind when the task is over.
 *
 * @param task is given the signal that says that its time is up, and its controller, for whatever is
 * left open after the task
 */
export async function withTimeout<T>(
  milliseconds: number,
  task: (signal: AbortSignal, controller: AbortController) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new DOMException(`no answer within ${milliseconds / 1000} s`, "TimeoutError"));
  }, milliseconds);
  try {
    return await task(controller.signal, controller);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Milliseconds to wait before attempt `number` + 1: twice as long each time, and random between
 * half and the whole of that, so that many proxies do not try again at the same time.
 */
export function backoff(number: number, first: number, longest = Infinity): number {
  return Math.min(first * 2 ** (number - 1), longest) * (0.5 + Math.random() / 2);
}

/** Milliseconds between two checks of the clock. */
const LOOK = 30_000;
/** Milliseconds by which a timer may be late. If it is later, the machine was suspended. */
const LATE = 10_000;

/** Calls `onTime` after so many milliseconds, counted from the last restart. It is not started yet. */
export function restartableTimer(milliseconds: number, onTime: () => void): {
  restart(): void;
  stop(): void;
} {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    restart() {
      clearTimeout(timer);
      timer = setTimeout(onTime, milliseconds);
    },
    stop: () => clearTimeout(timer),
  };
}

/**
 * A signal that aborts when nobody has restarted the timer for so many milliseconds, and when the
 * machine was suspended meanwhile: the connection that it watches has probably not survived that.
 */
export function inactivityTimer(milliseconds: number): {
  readonly signal: AbortSignal;
  restart(): void;
  stop(): void;
} {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout>;
  let deadline: number;

  function restart(): void {
    deadline = Date.now() + milliseconds;
  }

  function wait(): void {
    const next = Math.min(Date.now() + LOOK, deadline);
    timer = setTimeout(() => {
      const now = Date.now();
      if (now >= deadline || now > next + LATE) controller.abort();
      else wait();
    }, next - Date.now());
  }

  restart();
  wait();
  return { signal: controller.signal, restart, stop: () => clearTimeout(timer) };
}
