import type { Id, Message } from "../json/jsonrpc.ts";

/** A request, or a batch with requests, that has not been answered yet. */
export interface Exchange {
  /** What the client asked. */
  readonly message: Message;
  /** Ids that have no answer yet. */
  readonly awaited: Set<Id>;
  /** Ends the exchange with the server. */
  readonly controller: AbortController;
  /** Whether it has been sent to the server. */
  sent: boolean;
  /** Whether the client has cancelled it, and so expects no answer any more. */
  cancelled: boolean;
  /** Whether an answer to it was an error. */
  failed: boolean;
}

/** The requests that wait for an answer, by id. */
export interface InFlight {
  /** Adds a request; `undefined` if one of its ids is in the table already. */
  add(message: Message): Exchange | undefined;
  /** The exchange that awaits an answer to `id`. */
  find(id: Id): Exchange | undefined;
  /** Marks `id` as answered; `false` if nobody awaited it. */
  settle(id: Id): boolean;
  /** Forgets an exchange, answered or not. */
  remove(exchange: Exchange): void;
  /** All exchanges that have not ended. */
  all(): Iterable<Exchange>;
}

/** Creates an empty table. */
export function createInFlight(): InFlight {
  const byId = new Map<Id, Exchange>();
  const exchanges = new Set<Exchange>();
  return {
    add(message) {
      const ids = message.requests;
      if (ids.some((id) => byId.has(id)) || new Set(ids).size < ids.length) return undefined;
      const controller = new AbortController();
      const awaited = new Set(ids);
      const state = { sent: false, cancelled: false, failed: false };
      const exchange: Exchange = { message, awaited, controller, ...state };
      for (const id of ids) byId.set(id, exchange);
      exchanges.add(exchange);
      return exchange;
    },
    find: (id) => byId.get(id),
    settle(id) {
      byId.get(id)?.awaited.delete(id);
      return byId.delete(id);
    },
    remove(exchange) {
      for (const id of exchange.awaited) byId.delete(id);
      exchanges.delete(exchange);
    },
    all: () => exchanges,
  };
}
