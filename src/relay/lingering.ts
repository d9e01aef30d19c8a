import type { Text } from "../json/text.ts";
import type { Delivery } from "./delivery.ts";
import type { Exchange } from "./in_flight.ts";

/** Milliseconds that a response stream may stay open after its response. */
const STAY_OPEN = 5_000;

/** Response streams that are still open after their response. */
export interface Lingering {
  /**
   * Delivers what the server says when nothing is awaited any more, for a while.
   *
   * @param controller ends the exchange
   */
  drainAfterAnswer(
    messages: AsyncIterable<Text>,
    controller: AbortController,
    exchange?: Exchange,
  ): Promise<void>;
  /** Ends all of them, and those that come. */
  end(): void;
}

/** Creates an empty set of streams. */
export function createLingering({ deliver }: Pick<Delivery, "deliver">): Lingering {
  const open = new Set<AbortController>();
  let isOver = false;
  return {
    async drainAfterAnswer(messages, controller, exchange) {
      if (isOver) controller.abort();
      open.add(controller);
      const late = setTimeout(() => controller.abort(), STAY_OPEN);
      try {
        for await (const text of messages) await deliver(text, exchange);
      } catch {
        // Nobody waits for it.
      }
      clearTimeout(late);
      open.delete(controller);
    },
    end() {
      isOver = true;
      for (const controller of open) controller.abort();
    },
  };
}

/** Lets some of the items be taken now and the others later. */
export async function* each<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  yield* items;
}
