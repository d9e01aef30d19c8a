import { type Id, idKey, type Message, paramOf } from "../json/jsonrpc.ts";
import { isCancelledByMessage } from "../mcp/cancellation.ts";
import { traitsOf } from "../mcp/traits.ts";
import type { Exchange, InFlight } from "./in_flight.ts";
import type { OneWay } from "./one_way.ts";

/** Ends requests that the client cancels, and tells the server if it has to know. */
export interface Cancellations {
  /** Notes that the client begins a session. */
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

  /** Whether the server knows this request, and is told of its end by a message. */
  const isTold = ({ sent, message }: Exchange) => sent && isCancelledByMessage(message);

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
      if (exchange ? isTold(exchange) : isInSession) await oneWay.sendAtOnce(message);
    },
    idsOf: (exchanges) =>
      exchanges
        .filter(({ message }) => isInSession && !traitsOf(message).beginsSession)
        .filter(isTold)
        .flatMap(({ awaited }) => [...awaited]),
  };
}
