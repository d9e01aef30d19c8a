/**
 * What happened, in order, for tests that have to wait until something has happened: no sleeping,
 * no polling, and a wait that is in vain says what did happen instead.
 */
export class History<T> implements Iterable<T> {
  readonly #name: string;
  readonly #events: T[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #followers: ((event: T) => void)[] = [];

  /** @param name of the history, for the error of a wait in vain */
  constructor(name: string) {
    this.#name = name;
  }

  /** Adds an event and wakes who waits for it. */
  record(event: T): void {
    this.#events.push(event);
    for (const tell of this.#followers) tell(event);
    for (const look of [...this.#waiting]) look();
  }

  /** Calls `tell` with every event to come. */
  follow(tell: (event: T) => void): void {
    this.#followers.push(tell);
  }

  /** The number of events so far that match. */
  count(matches: (event: T) => boolean = () => true): number {
    return this.#events.filter(matches).length;
  }

  /**
   * Resolves with the `nth` event that matches, at once where it has happened already.
   *
   * @param matches which events count
   * @param nth which of them, counted from 1
   * @param timeoutMs milliseconds after which the wait rejects with everything that happened
   */
  until(matches: (event: T) => boolean, nth = 1, timeoutMs = 60_000): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.#events.filter(matches)[nth - 1];
        if (found === undefined) return;
        stop();
        resolve(found);
      };
      const stop = () => {
        clearTimeout(timer);
        this.#waiting.delete(look);
      };
      const timer = setTimeout(() => {
        stop();
        const seen = this.#events.map((event) => `  ${JSON.stringify(event)}`).join("\n");
        reject(new Error(`${this.#name}: waited ${timeoutMs} ms in vain for ${matches}\n${seen}`));
      }, timeoutMs);
      this.#waiting.add(look);
      look();
    });
  }

  /** The events so far, oldest first. */
  [Symbol.iterator](): Iterator<T> {
    return this.#events.values();
  }
}
