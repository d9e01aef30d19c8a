import { MAX_WAITING, MESSAGE_OVERHEAD } from "../limits.ts";

/** Limits how many tasks run at the same time. */
export interface Slots {
  /**
   * Takes a slot: at once if one is free, otherwise the promise resolves when it has one.
   *
   * @param size bytes that the task holds while it waits
   */
  acquire(size: number): Promise<void> | undefined;
  /** Frees a slot. */
  release(): void;
  /** Resolves when the waiting tasks hold no more bytes than allowed. */
  calm(): Promise<void>;
}

/**
 * Creates free slots.
 *
 * @param count how many
 * @param room bytes that may wait before the client has to. There must be room for the messages that
 * end the running tasks: an answer to the server, a cancellation
 */
export function createSlots(count: number, room: number = MAX_WAITING): Slots {
  let free = count;
  const waiting: { readonly size: number; readonly enter: () => void }[] = [];
  /** Bytes of the waiting tasks. */
  let held = 0;
  let onCalm: (() => void)[] = [];

  return {
    acquire(size) {
      if (free > 0) {
        free--;
        return undefined;
      }
      held += size + MESSAGE_OVERHEAD;
      return new Promise((enter) => waiting.push({ size: size + MESSAGE_OVERHEAD, enter }));
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
