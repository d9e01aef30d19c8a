/** A number of places that tasks wait for. */
export interface Slots {
  /**
   * Takes a place: at once if one is free, otherwise the promise resolves when it has been taken.
   *
   * @param size bytes that the task holds while it waits
   */
  acquire(size: number): Promise<void> | undefined;
  /** Frees a place. */
  release(): void;
  /** Resolves when those that wait hold no more than they may. */
  calm(): Promise<void>;
}

/** Bytes that a task takes in addition to its message, about. */
const OVERHEAD = 4 << 10;
/** Bytes that may wait: thousands of short messages, or a few long ones. */
const ROOM = 16 << 20;

/**
 * Creates free places.
 *
 * @param count how many
 * @param room bytes that may wait before the client has to. There must be room for the messages that
 * end the running tasks: an answer to the server, a cancellation
 */
export function createSlots(count: number, room: number = ROOM): Slots {
  let free = count;
  const waiting: { readonly size: number; readonly enter: () => void }[] = [];
  /** Bytes of those that wait. */
  let held = 0;
  let onCalm: (() => void)[] = [];

  return {
    acquire(size) {
      if (free > 0) {
        free--;
        return undefined;
      }
      held += size + OVERHEAD;
      return new Promise((enter) => waiting.push({ size: size + OVERHEAD, enter }));
    },
    release() {
      const next = waiting.shift();
      if (!next) return void free++;
      held -= next.size;
      next.enter();
      if (held > room) return;
      for (const resolve of onCalm) resolve();
      onCalm = [];
    },
    calm() {
      return held <= room ? Promise.resolve() : new Promise((resolve) => onCalm.push(resolve));
    },
  };
}
