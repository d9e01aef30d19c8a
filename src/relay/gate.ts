/**
 * Lets items through in order, and stops after each that others have to wait for: what the client
 * writes directly after `initialize` is sent when `initialize` has been answered.
 */
export interface Gate<T> {
  /** Lets `item` through now, or when the ones before it have been let through. */
  pass(item: T): void;
  /** Takes out the items that have not been let through; what comes now is dropped. */
  shut(): readonly T[];
  /** Resolves when those that wait hold no more than they may. */
  calm(): Promise<void>;
}

/** Bytes that may wait. */
const ROOM = 16 << 20;
/** Bytes that an item takes next to its text, about. */
const OVERHEAD = 4 << 10;

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
      held += sizeOf(item) + OVERHEAD;
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
      const item = waiting.shift()!;
      held -= sizeOf(item) + OVERHEAD;
      pass(item);
    }
    if (held > ROOM) return;
    for (const resolve of onCalm) resolve();
    onCalm = [];
  }

  function calm(): Promise<void> {
    return held <= ROOM ? Promise.resolve() : new Promise((resolve) => onCalm.push(resolve));
  }

  function shut(): readonly T[] {
    shutForGood = true;
    return waiting.splice(0);
  }

  return { pass, shut, calm };
}
