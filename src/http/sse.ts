import { createParser } from "eventsource-parser";
import type { EventSourceMessage } from "eventsource-parser";
import { headerValue } from "./header_value.ts";
import { BodyTooLarge } from "./http.ts";
import { LONGEST_TIMER } from "../async/timing.ts";
import { createUtf8Decoder } from "../json/utf8.ts";

/** What {@linkcode serverSentEvents} reads next to the events. The caller keeps it across connections. */
export interface StreamPosition {
  /**
   * The `Last-Event-ID` header to resume with: the id of the latest event that had one, unless a header
   * cannot carry it.
   */
  lastEventId?: string;
  /** Milliseconds that the server asks to wait before the next connection. */
  retry?: number;
}

/** A line that is neither empty nor a comment. */
const FIELD = /(?:^|[\r\n])[^:\r\n]/;
const LATER_FIELD = /[\r\n][^:\r\n]/;

/** The id of a block of fields that has ended, with or without data. */
interface EventId {
  readonly lastEventId: string;
}

/**
 * The events of an SSE stream as they arrive (HTML Living Standard, section 9.2).
 *
 * @param body the response body
 * @param position updated with ids and `retry` as they come in; ids without data count as well
 * @param limit maximum bytes of one event
 * @throws {BodyTooLarge} if an event is longer
 */
export async function* serverSentEvents(
  body: AsyncIterable<Uint8Array>,
  position: StreamPosition = {},
  limit = Infinity,
): AsyncGenerator<EventSourceMessage> {
  let received: (EventSourceMessage | EventId)[] = [];
  /** Bytes since the last event. */
  let size = 0;
  /** Whether a field of the next event has been read. */
  let inEvent = false;
  /** Whether what comes next begins a line. */
  let atLineStart = true;
  const parser = createParser({
    onId: (lastEventId) => received.push({ lastEventId }),
    onEvent: (event) => received.push(event),
    // At most what a timer can wait, and at least 1, so that a backoff can grow from it.
    onRetry: (milliseconds) => position.retry = Math.max(1, Math.min(milliseconds, LONGEST_TIMER)),
    // Comments keep a stream alive for weeks, so they do not count. Inside an event they do.
    onComment: () => {
      if (!inEvent) size = 0;
    },
  });
  const decode = createUtf8Decoder();

  function feed(text: string): void {
    if (text === "") return;
    if ((atLineStart ? FIELD : LATER_FIELD).test(text)) inEvent = true;
    atLineStart = /[\r\n]$/.test(text);
    parser.feed(text);
  }

  for await (const chunk of body) {
    size += chunk.length;
    feed(decode(chunk));
    const ready = received;
    received = [];
    if (ready.length > 0) size = 0, inEvent = false;
    if (size > limit) throw new BodyTooLarge(limit);
    for (const item of ready) {
      if ("lastEventId" in item) position.lastEventId = headerValue(item.lastEventId);
      else if (item.data.length > limit) throw new BodyTooLarge(limit);
      else yield item;
    }
  }
}
