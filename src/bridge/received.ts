/** Reads messages of the server, as far as the bridge needs them. */

import { InvalidMessage, type Message, parseMessage } from "../json/jsonrpc.ts";
import { LONG, stringOf, type Text } from "../json/text.ts";

/** A message of the server. */
export interface Received {
  readonly text: Text;
  /** What it is; the relay drops an `invalid` one with a warning. */
  readonly kind: Message["kind"] | "invalid";
  /** The message; missing if it is a long response, which is not parsed and may not be valid. */
  readonly message?: Message;
  /** Whether it came outside of the call's own stream, so that it may belong to another call. */
  readonly isShared?: boolean;
}

/** Reads a message. */
export function readReceived(text: Text): Received {
  if (text.length >= LONG && !text.includes('"method"')) return { text, kind: "response" };
  try {
    const message = parseMessage(stringOf(text));
    return { text: message.text, kind: message.kind, message };
  } catch (error) {
    if (!(error instanceof InvalidMessage)) throw error;
    return { text, kind: "invalid" };
  }
}
