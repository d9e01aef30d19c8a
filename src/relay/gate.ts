import { MAX_WAITING, MESSAGE_OVERHEAD } from "../limits.ts";

/**
 * Lets items pass in order. After an item that others have to wait for, it is closed: what the client
 * writes directly after `initialize` is sent when `initialize` has been answered.
 */
export interface Gate<T> {
  /** Lets `item` through now, or when the ones before it have been let through. */
  pass(item: T): void;
  /** Closes the gate for good. Returns the items that wait; later items are dropped. */
  shut(): readonly T[];
  /** Resolves when the waiting items hold no more bytes than allowed. */
  calm(): Promise<void>;
}

/**
 * Creates an open gate.
 *
 * @param enter takes an item that may go; the promise it returns, if any, closes the gate until
 * it has settled
 * @param sizeOf the bytes that an item holds while it waits
 */
export function createGate<T>(
  enter: (item: T) => Promise<unknown> | undefined,
  sizeOf: (item: T) => number = () => 0,
): Gate<T> {
  const waiting: T[] = [];
  let held = 0;
  let onCalm: (() => void)[] = [];
  let closed = false;
  let shutForGood = false;

  function pass(item: T): void {
    if (shutForGood) return;
    if (closed) {
      waiting.push(item);
      held += sizeOf(item) + MESSAGE_OVERHEAD;
      return;
    }
    const barrier = enter(item);
    if (!barrier) return;
    closed = true;
    barrier.then(open, open);
  }

  function open(): void {
    closed = false;
    while (!closed && waiting.length > 0) {
      const [item] = waiting.splice(0, 1);
      held -= sizeOf(item) + MESSAGE_OVERHEAD;
      pass(item);
    }
    if (held > MAX_WAITING) return;
    for (const resolve of onCalm) resolve();
    onCalm = [];
  }

  function calm(): Promise<void> {
    return held <= MAX_WAITING ? Promise.resolve() : new Promise((resolve) => onCalm.push(resolve));
  }

  function shut(): readonly T[] {
    shutForGood = true;
    return waiting.splice(0);
  }

  return { pass, shut, calm };
}
