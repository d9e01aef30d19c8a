import { rethrowFault, unlessFault } from "../errors.ts";
import { isSuccess, mediaType } from "../http/http.ts";
import { backoff, pause } from "../async/timing.ts";
import type { HttpResponse } from "../runtime/types.ts";
import type { Text } from "../json/text.ts";
import { type Endpoint, ignoreBody } from "./endpoint.ts";
import { streamMessages } from "./reply.ts";
import type { StreamPosition } from "../http/sse.ts";
import type { Waiting } from "./upstream.ts";
import { DEFAULT_RETRY, LONGEST_PAUSE, MAX_RESUMPTIONS } from "../limits.ts";

/** Milliseconds after which the end of a connection is not a failure: gateways close idle connections. */
const LONG_LIVED = 10_000;

/**
 * The messages of a response stream over all the connections that it takes: one that ends before
 * the response, gracefully or not, is resumed from its last event (Streamable HTTP, "Resumability
 * and Redelivery").
 *
 * @param first the messages of the first connection
 * @param position the position of that connection
 * @param get sends a GET with `Last-Event-ID`
 * @throws {ProxyError} if the stream broke and cannot be resumed
 */
export async function* resumable<T extends Text>(
  first: AsyncIterable<T> | Iterable<T>,
  position: StreamPosition,
  waiting: Waiting,
  endpoint: Endpoint,
  get: (lastEventId: string) => Promise<HttpResponse>,
): AsyncGenerator<T | string> {
  let messages: AsyncIterable<T | string> | Iterable<T | string> = first;
  for (let failed = 0; failed < MAX_RESUMPTIONS;) {
    const before = position.lastEventId;
    const began = Date.now();
    let failure: unknown;
    try {
      for await (const text of messages) {
        failed = 0;
        yield text;
        // A resumed stream stays open after the response; nothing else is expected from it.
        if (messages !== first && waiting.answered()) return;
      }
    } catch (error) {
      rethrowFault(error);
      failure = error;
    }
    if (waiting.answered() || waiting.signal.aborted || !position.lastEventId) {
      if (failure && !waiting.answered()) throw failure;
      return;
    }
    const wasLongLived = Date.now() - began > LONG_LIVED;
    failed = position.lastEventId === before && !wasLongLived ? failed + 1 : 0;
    const retry = position.retry ?? DEFAULT_RETRY;
    await pause(failed > 1 ? backoff(failed, retry, LONGEST_PAUSE) : retry, waiting.signal);
    if (waiting.signal.aborted) return;
    const response = await get(position.lastEventId).catch(unlessFault(undefined));
    if (response && isSuccess(response.status) && mediaType(response) === "text/event-stream") {
      messages = streamMessages(response, endpoint, position);
      continue;
    }
    messages = [];
    if (!response) continue;
    await ignoreBody(response);
    // Below 500 the server says that it cannot resume, or does not know the session any more.
    if (response.status < 500 && response.status !== 429) return;
  }
}
