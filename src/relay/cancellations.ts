import { type Id, idKey, type Message, paramOf } from "../json/jsonrpc.ts";
import { isCancelledByMessage } from "../mcp/cancellation.ts";
import { traitsOf } from "../mcp/traits.ts";
import type { Exchange, InFlight } from "./in_flight.ts";
import type { OneWay } from "./one_way.ts";

/** Cancels requests, at the server too if it has to be informed. */
export interface Cancellations {
  /** Remembers that the client has begun a session. */
  beginSession(): void;
  /**
   * Cancels the request that a client's message names. The request ends first, since it may not have
   * been sent yet; the message does not wait for the notifications before it, since they may wait for
   * that request.
   */
  cancel(message: Message): Promise<void>;
  /** The ids of these requests that have to be cancelled at the server by a message. */
  idsOf(exchanges: readonly Exchange[]): readonly Id[];
}

/** Creates the cancellations of one client. */
export function createCancellations(
  { inFlight, oneWay }: { inFlight: InFlight; oneWay: OneWay },
): Cancellations {
  let isInSession = false;

  /** Whether the server has received this request, and a message has to cancel it. */
  const needsMessage = ({ sent, message }: Exchange) => sent && isCancelledByMessage(message);

  return {
    beginSession: () => void (isInSession = true),
    async cancel(message) {
      const id = idKey(paramOf(message, "requestId"));
      const exchange = id === undefined ? undefined : inFlight.find(id);
      if (id !== undefined && exchange && exchange.awaited.size > 1) {
        inFlight.settle(id); // The rest of a batch goes on.
      } else if (exchange) {
        exchange.cancelled = true;
        exchange.controller.abort();
      }
      if (exchange ? needsMessage(exchange) : isInSession) await oneWay.sendAtOnce(message);
    },
    idsOf: (exchanges) =>
      exchanges
        .filter(({ message }) => isInSession && !traitsOf(message).beginsSession)
        .filter(needsMessage)
        .flatMap(({ awaited }) => [...awaited]),
  };
}
