/** A wait for an item, in the order in which waits began. */
interface Wait<T> {
  readonly matches: (item: T) => boolean;
  readonly takes: boolean;
  readonly resolve: (item: T) => void;
  readonly reject: (error: Error) => void;
}

/** Items that arrive, and those who wait for some of them. Waiting is by event, never by polling. */
export class Mailbox<T> {
  readonly #items: { readonly item: T; taken: boolean }[] = [];
  #waits: Wait<T>[] = [];
  #closed: Error | undefined;

  /** Delivers an item to who waits for it, or keeps it. */
  put(item: T): void {
    const entry = { item, taken: false };
    this.#items.push(entry);
    this.#waits = this.#waits.filter((wait) => {
      if (entry.taken || !wait.matches(item)) return true;
      entry.taken = wait.takes;
      wait.resolve(item);
      return false;
    });
  }

  /** Resolves with the first item that matches and was not taken, which is taken then. */
  take(matches: (item: T) => boolean): Promise<T> {
    return this.#wait(matches, true);
  }

  /** Resolves with the first item that matches, taken or not, and leaves it. */
  find(matches: (item: T) => boolean): Promise<T> {
    return this.#wait(matches, false);
  }

  /** Nothing comes any more: every wait rejects with `error`, unless what it is for is here. */
  close(error: Error): void {
    this.#closed ??= error;
    for (const { reject } of this.#waits.splice(0)) reject(this.#closed);
  }

  #wait(matches: (item: T) => boolean, takes: boolean): Promise<T> {
    const entry = this.#items.find(({ item, taken }) => !(takes && taken) && matches(item));
    if (entry) {
      entry.taken ||= takes;
      return Promise.resolve(entry.item);
    }
    if (this.#closed) return Promise.reject(this.#closed);
    return new Promise((resolve, reject) => {
      this.#waits.push({ matches, takes, resolve, reject });
    });
  }
}
