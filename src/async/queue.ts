/** Passes items from any number of writers to one reader. */
export interface Queue<T> extends AsyncIterable<T> {
  /** Adds an item; resolves when the reader asks for the next one, or will not read it. */
  push(item: T): Promise<void>;
  /** Ends the queue after the items in it, with or without an error. */
  end(error?: unknown): void;
  /** Ends the queue at once, and drops its items. */
  drop(): void;
}

/** Creates an empty queue for one reader. */
export function createQueue<T>(): Queue<T> {
  const items: { readonly item: T; readonly done: () => void }[] = [];
  let ending: { readonly error?: unknown } | undefined;
  let wake = () => {};

  function end(error?: unknown): void {
    ending ??= { error };
    wake();
  }

  function drop(): void {
    end();
    for (const { done } of items.splice(0)) done();
  }

  return {
    push(item) {
      if (ending) return Promise.resolve();
      return new Promise((done) => {
        items.push({ item, done });
        wake();
      });
    },
    end,
    drop,
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          for (let next = items.shift(); next; next = items.shift()) {
            try {
              yield next.item;
            } finally {
              next.done();
            }
          }
          if (ending?.error) throw ending.error;
          if (ending) return;
          await new Promise<void>((resolve) => wake = resolve);
        }
      } finally {
        drop();
      }
    },
  };
}
