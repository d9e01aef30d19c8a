import { type Message, paramOf } from "./jsonrpc.ts";

/** A `traceparent` of W3C Trace Context: version, trace, span, flags. */
const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/**
 * The trace that a message belongs to, from `traceparent` in its `_meta`; `undefined` if it has none. A
 * long message is not parsed for this.
 */
export function traceparentOf(message: Message): string | undefined {
  if (message.isSkimmed) return undefined;
  const traceparent = paramOf(message, "_meta", "traceparent");
  return typeof traceparent === "string" && TRACEPARENT.test(traceparent) ? traceparent : undefined;
}
