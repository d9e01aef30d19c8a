import { ProxyError } from "../../errors.ts";
import { isSuccess, mediaType } from "../../http/http.ts";
import type { Endpoint } from "../endpoint.ts";
import { ignoreBody } from "../endpoint.ts";
import { withIdleLimit } from "../idle_limit.ts";
import { readFailure } from "../http_failure.ts";
import { serverSentEvents } from "../../http/sse.ts";
import { FIRST_EVENT_WITHIN } from "../../limits.ts";

/** An open stream of the 2024-11-05 transport. */
export interface HttpSseStream {
  /** The URL that messages are POSTed to. */
  readonly postTo: string;
  /** The server's messages as they arrive. Throws if the connection breaks. */
  readonly messages: AsyncIterable<string>;
}

/**
 * Opens the stream and reads its first event, which names the URL to POST to (2024-11-05,
 * "HTTP with SSE").
 *
 * @param signal closes it
 * @param onSilence called if nothing comes on it for as long as the endpoint allows
 * @throws {ProxyError} if the server does not speak this transport
 */
export async function openHttpSse(
  base: Endpoint,
  signal: AbortSignal,
  onSilence: () => void,
): Promise<HttpSseStream> {
  const failed = new AbortController();
  const timer = setTimeout(() => failed.abort(), FIRST_EVENT_WITHIN);
  try {
    const until = AbortSignal.any([failed.signal, signal]);
    const response = await base.request("GET", { accept: "text/event-stream" }, until);
    if (!isSuccess(response.status)) throw (await readFailure(response, base.url)).failure;
    if (mediaType(response) !== "text/event-stream" || !response.body) {
      await ignoreBody(response);
      throw new ProxyError("bad_response", "the server did not open an event stream");
    }
    const body = withIdleLimit(response.body, base.idleTimeout, onSilence);
    const events = serverSentEvents(body, {}, base.maxMessage);
    const first = (await events.next()).value;
    if (first?.event !== "endpoint") {
      throw new ProxyError(
        "bad_response",
        "the first event of the server's stream is not `endpoint`",
      );
    }
    return { postTo: sameOrigin(first.data, base.url), messages: messagesOf(events) };
  } catch (error) {
    failed.abort();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The token is sent with each message, so that messages must not go to another origin. */
function sameOrigin(reference: string, base: string): string {
  if (!URL.canParse(reference, base)) {
    throw new ProxyError("bad_response", "the server names an endpoint that is not a URL");
  }
  const url = new URL(reference, base);
  if (url.origin !== new URL(base).origin) {
    throw new ProxyError(
      "bad_response",
      `the server names an endpoint at another origin: ${url.origin}`,
    );
  }
  return url.href;
}

async function* messagesOf(events: ReturnType<typeof serverSentEvents>): AsyncGenerator<string> {
  for await (const { event, data } of events) {
    if (data !== "" && (event === undefined || event === "message")) yield data;
  }
}
