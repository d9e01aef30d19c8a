import { type Id, type Message, parseMessage } from "../json/jsonrpc.ts";
import { METHOD } from "../mcp/methods.ts";
import { declaredVersion } from "../mcp/request_metadata.ts";
import type { Exchange } from "./in_flight.ts";

/**
 * Which cancellations the server gets as messages. Since 2026-07-28 the end of the exchange says it;
 * before that, in a session, `notifications/cancelled` does.
 */
export interface Cancellations {
  /** Notes that the client begins a session. */
  beginSession(): void;
  /**
   * Whether the server gets the client's message. What it has never received it need not hear of.
   *
   * @param cancelled the request, if it is in flight
   */
  forwards(cancelled: Exchange | undefined): boolean;
  /** The ids of requests to cancel at the server when nobody waits for them any more. */
  idsOf(exchanges: readonly Exchange[]): readonly Id[];
}

/** Creates the cancellations of one client. */
export function createCancellations(): Cancellations {
  let isInSession = false;
  const forwards = (cancelled: Exchange | undefined) =>
    cancelled ? cancelled.sent && declaredVersion(cancelled.message) === undefined : isInSession;
  return {
    beginSession: () => void (isInSession = true),
    forwards,
    idsOf: (exchanges) =>
      exchanges
        .filter(({ message }) => isInSession && message.method !== METHOD.initialize)
        .filter(forwards)
        .flatMap(({ awaited }) => [...awaited]),
  };
}

/** The message that cancels a request, from the proxy itself. */
export function cancellation(id: Id, reason: string): Message {
  const params = `{"requestId":${id},"reason":${JSON.stringify(reason)}}`;
  return parseMessage(`{"jsonrpc":"2.0","method":"${METHOD.cancelled}","params":${params}}`);
}
