import { createParser } from "eventsource-parser";
import type { EventSourceMessage } from "eventsource-parser";
import { BodyTooLarge } from "./http.ts";
import { LONGEST_TIMER } from "../async/timing.ts";
import { createUtf8Decoder } from "../json/utf8.ts";

/** What {@linkcode serverSentEvents} learns on the way; the caller's to keep across connections. */
export interface StreamPosition {
  /** Id of the latest event that had one: the `Last-Event-ID` to resume from. */
  lastEventId?: string;
  /** Milliseconds that the server asks to wait before the next connection. */
  retry?: number;
}

/** A line that is neither empty nor a comment. */
const FIELD = /(?:^|[\r\n])[^:\r\n]/;
const LATER_FIELD = /[\r\n][^:\r\n]/;

/**
 * The events of an SSE stream as they arrive (HTML Living Standard, section 9.2).
 *
 * @param body the response body
 * @param position updated with ids and `retry` as they come in
 * @param limit bytes that one event may have
 * @throws {BodyTooLarge} beyond it
 */
export async function* serverSentEvents(
  body: AsyncIterable<Uint8Array>,
  position: StreamPosition = {},
  limit = Infinity,
): AsyncGenerator<EventSourceMessage> {
  let events: EventSourceMessage[] = [];
  /** Bytes since the last event. */
  let size = 0;
  /** Whether a field of the next event has been read. */
  let inEvent = false;
  /** Whether what comes next begins a line. */
  let atLineStart = true;
  const parser = createParser({
    onEvent: (event) => events.push(event),
    // No more than a timer takes, and at least 1, which waits that grow can begin with.
    onRetry: (milliseconds) => position.retry = Math.max(1, Math.min(milliseconds, LONGEST_TIMER)),
    // Comments keep a stream alive for weeks. They do not make room for the event that they are in.
    onComment: () => {
      if (!inEvent) size = 0;
    },
  });
  const decode = createUtf8Decoder();
  let afterReturn = false;

  /** Ends a line that ends in CR: the parser would wait for what follows, which may never come. */
  function feed(text: string): void {
    if (text === "") return;
    const rest = afterReturn && text.startsWith("\n") ? text.slice(1) : text;
    afterReturn = text.endsWith("\r");
    if ((atLineStart ? FIELD : LATER_FIELD).test(rest)) inEvent = true;
    atLineStart = /[\r\n]$/.test(rest);
    parser.feed(afterReturn ? `${rest}\n` : rest);
  }

  for await (const chunk of body) {
    size += chunk.length;
    feed(decode(chunk));
    const ready = events;
    events = [];
    if (ready.length > 0) size = 0, inEvent = false;
    if (size > limit) throw new BodyTooLarge(limit);
    for (const event of ready) {
      if (event.data.length > limit) throw new BodyTooLarge(limit);
      if (event.id !== undefined) position.lastEventId = event.id;
      yield event;
    }
  }
}
