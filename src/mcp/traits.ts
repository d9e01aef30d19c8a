/** What the proxy has to know about each method, as a table. */

import type { Message } from "../json/jsonrpc.ts";
import { METHOD } from "./methods.ts";

/** What the relay has to know of a message in addition to its kind. */
export interface Traits {
  /** The client's later messages wait for its answer: it decides whether and how they are accepted. */
  readonly isHandshake?: boolean;
  /** The first message of a session, which cannot be cancelled. */
  readonly beginsSession?: boolean;
  /** After it, the server may send messages outside of response streams. */
  readonly startsListening?: boolean;
  /** A request that stays open for hours: a subscription, whose answer nobody waits for. */
  readonly isLasting?: boolean;
  /** Cancels a request. */
  readonly cancels?: boolean;
}

const NONE: Traits = {};

const BY_METHOD: ReadonlyMap<string | undefined, Traits> = new Map([
  [METHOD.initialize, { isHandshake: true, beginsSession: true }],
  [METHOD.initialized, { isHandshake: true, startsListening: true }],
  [METHOD.listen, { isLasting: true }],
  [METHOD.cancelled, { cancels: true }],
]);

/** The traits of a message; most have none. */
export function traitsOf({ method }: Message): Traits {
  return BY_METHOD.get(method) ?? NONE;
}
