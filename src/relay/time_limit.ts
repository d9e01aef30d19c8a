import { type Message, paramOf } from "../json/jsonrpc.ts";
import { restartableTimer } from "../async/timing.ts";
import type { Exchange } from "./in_flight.ts";

/** Limits the time that requests wait for an answer or for progress. */
export interface TimeLimit {
  /** Starts the time of a request. @returns ends it */
  start(exchange: Exchange): () => void;
  /**
   * Starts the time of a request again, after a progress notification.
   *
   * @param exchange the request on whose stream it came
   */
  progress(notification: Message, exchange?: Exchange): void;
}

/**
 * Creates a limit.
 *
 * @param milliseconds that a request waits
 * @param onLate called if nothing came in that time
 */
export function createTimeLimit(
  milliseconds: number,
  onLate: (exchange: Exchange, milliseconds: number) => void,
): TimeLimit {
  const restarts = new Map<Exchange, () => void>();
  /** Requests by the token of their progress: it may come on another stream. */
  const byToken = new Map<unknown, Exchange>();
  return {
    start(exchange) {
      const timer = restartableTimer(milliseconds, () => onLate(exchange, milliseconds));
      timer.restart();
      restarts.set(exchange, timer.restart);
      const { message } = exchange;
      // A long message is not parsed for this: its progress counts if it comes on its own stream.
      const token = message.isSkimmed ? undefined : paramOf(message, "_meta", "progressToken");
      if (token !== undefined) byToken.set(token, exchange);
      return () => {
        timer.stop();
        restarts.delete(exchange);
        if (byToken.get(token) === exchange) byToken.delete(token);
      };
    },
    progress(notification, exchange = byToken.get(paramOf(notification, "progressToken"))) {
      if (exchange) restarts.get(exchange)?.();
    },
  };
}
