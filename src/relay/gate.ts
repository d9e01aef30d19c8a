/**
 * Lets items through in order, and stops after each that others have to wait for: what is written
 * behind `initialize` in the same breath goes out when `initialize` has been answered.
 */
export interface Gate<T> {
  /** Lets `item` through now, or when the ones before it have been let through. */
  pass(item: T): void;
  /** Takes out the items that have not been let through; what comes now is dropped. */
  shut(): readonly T[];
}

/**
 * Creates an open gate.
 *
 * @param enter takes an item that may go; the promise it returns, if any, closes the gate until
 * it has settled
 */
export function createGate<T>(enter: (item: T) => Promise<unknown> | undefined): Gate<T> {
  const waiting: T[] = [];
  let closed = false;
  let shutForGood = false;

  function pass(item: T): void {
    if (shutForGood) return;
    if (closed) {
      waiting.push(item);
      return;
    }
    const barrier = enter(item);
    if (!barrier) return;
    closed = true;
    barrier.then(open, open);
  }

  function open(): void {
    closed = false;
    while (!closed && waiting.length > 0) pass(waiting.shift()!);
  }

  function shut(): readonly T[] {
    shutForGood = true;
    return waiting.splice(0);
  }

  return { pass, shut };
}
