/** A number of places that tasks wait for. */
export interface Slots {
  /** Takes a place; resolves when there is one. */
  take(): Promise<void>;
  /** Gives a place back. */
  give(): void;
  /** Resolves when no more tasks wait than may. */
  calm(): Promise<void>;
}

/**
 * Creates free places.
 *
 * @param count how many
 * @param room tasks that may wait for one before it is called too many; with few places there is
 * room for the messages that end their tasks: an answer to the server, a cancellation
 */
export function createSlots(count: number, room: number = Math.max(count, 256)): Slots {
  let free = count;
  const waiting: (() => void)[] = [];
  let onCalm: (() => void)[] = [];

  return {
    take() {
      if (free > 0) {
        free--;
        return Promise.resolve();
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    give() {
      const next = waiting.shift();
      if (next) next();
      else free++;
      if (waiting.length > room) return;
      for (const resolve of onCalm) resolve();
      onCalm = [];
    },
    calm() {
      return waiting.length <= room
        ? Promise.resolve()
        : new Promise((resolve) => onCalm.push(resolve));
    },
  };
}
