import { messageOf } from "../errors.ts";
import { isSuccess, mediaType } from "../http/http.ts";
import { logFault } from "../log/fault.ts";
import type { Log } from "../log/log.ts";
import { backoff, inactivityTimer, pause } from "../async/timing.ts";
import type { HttpResponse } from "../runtime/types.ts";
import type { Endpoint } from "./endpoint.ts";
import { type HttpFailure, readFailure } from "./http_failure.ts";
import { noticing } from "./idle_limit.ts";
import { streamMessages } from "./reply.ts";
import type { StreamPosition } from "../http/sse.ts";
import { DEFAULT_RETRY, IDLE_TIMEOUT, RECONNECT_PAUSE } from "../limits.ts";

/** Attempts for a stream that has never been open. */
const FIRST_ATTEMPTS = 5;

/**
 * The server's own messages on the GET stream of one session, opened again whenever it ends, for
 * days (Streamable HTTP, "Listening for Messages from the Server").
 *
 * @param open sends the GET, with `Last-Event-ID` if there is one; its signal ends the stream
 * @param isLost whether a failure says that the server no longer knows the session
 * @param signal ends the stream
 * @returns `lost` if the server no longer knows the session, `unsupported` if it has no such
 * stream, `ended` by the signal
 */
export async function* listening(
  open: (signal: AbortSignal, lastEventId?: string) => Promise<HttpResponse>,
  isLost: (failure: HttpFailure) => boolean,
  endpoint: Endpoint,
  log: Log,
  signal: AbortSignal,
): AsyncGenerator<string, "lost" | "unsupported" | "ended"> {
  const position: StreamPosition = {};
  let served = false;
  for (let failures = 0; !signal.aborted;) {
    const started = Date.now();
    const silence = inactivityTimer(endpoint.idleTimeout ?? IDLE_TIMEOUT);
    try {
      const until = AbortSignal.any([signal, silence.signal]);
      const response = await open(until, position.lastEventId);
      const { status } = response;
      if (isSuccess(status) && mediaType(response) === "text/event-stream") {
        log.debug("OAuth Proxy", "Listening for server messages");
        served = true;
        const body = response.body && noticing(response.body, silence.restart);
        for await (const text of streamMessages({ body }, endpoint, position)) {
          failures = 0;
          yield text;
        }
      } else {
        const failure = await readFailure(response, endpoint.url);
        if (served && isLost(failure)) return "lost";
        if (isRefusal(status, served)) {
          log.debug("OAuth Proxy", "The server has no stream for server messages", { status });
          return "unsupported";
        }
      }
    } catch (error) {
      if (signal.aborted) break;
      logFault(log, error);
      if (silence.signal.aborted) {
        log.debug("OAuth Proxy", "The stream of server messages was silent");
      } else log.debug("OAuth Proxy", `The stream of server messages broke: ${messageOf(error)}`);
    } finally {
      silence.stop();
    }
    // A stream that ends as soon as it is open, again and again, is one that fails.
    failures = Date.now() - started > DEFAULT_RETRY ? 0 : failures + 1;
    if (!served && failures >= FIRST_ATTEMPTS) return "unsupported";
    const retry = position.retry ?? DEFAULT_RETRY;
    await pause(failures > 1 ? backoff(failures, retry, RECONNECT_PAUSE.longest) : retry, signal);
  }
  return "ended";
}

/**
 * Whether a status means that the server has no stream. 5xx and 429 are temporary, and so is
 * 409, since the server may count a broken stream as still open. After a stream was open, any other
 * status is temporary too.
 */
function isRefusal(status: number, served: boolean): boolean {
  if (status === 405 || status === 501) return true;
  return !served && status < 500 && status !== 409 && status !== 429;
}
