import { rethrowFault } from "../errors.ts";
import type { Text } from "../json/text.ts";
import type { Delivery } from "./delivery.ts";
import type { Exchange } from "./in_flight.ts";
import { LINGER_WITHIN } from "../limits.ts";

/** Response streams that are still open after their response. */
export interface Lingering {
  /**
   * Relays the messages after the last answer, for a limited time.
   *
   * @param controller ends the exchange
   */
  drainAfterAnswer(
    messages: AsyncIterable<Text>,
    controller: AbortController,
    exchange?: Exchange,
  ): Promise<void>;
  /** Ends all streams, and each that is added later. */
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
      const late = setTimeout(() => controller.abort(), LINGER_WITHIN);
      try {
        for await (const text of messages) await deliver(text, exchange);
      } catch (error) {
        rethrowFault(error); // Otherwise nothing is lost: all answers have been relayed.
      } finally {
        clearTimeout(late);
        open.delete(controller);
      }
    },
    end() {
      isOver = true;
      for (const controller of open) controller.abort();
    },
  };
}

/** The same items as a generator, so that a second loop can go on after the first. */
export async function* each<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  yield* items;
}
