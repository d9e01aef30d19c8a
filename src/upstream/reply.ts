import { ProxyError } from "../errors.ts";
import { boundedBody, mediaType } from "../http/http.ts";
import type { Message } from "../json/jsonrpc.ts";
import type { HttpResponse } from "../runtime/types.ts";
import { stringOf, type Text } from "../json/text.ts";
import { connectionFailure, type Endpoint, ignoreBody } from "./endpoint.ts";
import { type HttpFailure, isPassing } from "./http_failure.ts";
import { serverSentEvents, type StreamPosition } from "../http/sse.ts";
import type { Reply } from "./upstream.ts";

/** The media types that a POST can be answered with (Streamable HTTP, "Sending Messages"). */
export const ACCEPT = "application/json, text/event-stream";

/** The error for an answer that is not JSON. */
export const BROKEN_ANSWER = new ProxyError(
  "bad_response",
  "the MCP server's answer to this request is not valid JSON",
  { mayHaveRun: true },
);

/**
 * The reply that a successful response carries.
 *
 * @param position updated with the ids of the events of a stream
 * @throws {ProxyError} if it carries none
 */
export async function readReply(
  message: Message,
  response: HttpResponse,
  endpoint: Endpoint,
  position: StreamPosition = {},
): Promise<Reply> {
  const type = mediaType(response);
  if (type === "text/event-stream") {
    return { kind: "stream", messages: streamMessages(response, endpoint, position) };
  }
  if (message.requests.length === 0 || response.status === 202) {
    await ignoreBody(response);
    return { kind: "none", messages: [] };
  }
  let body: Text;
  try {
    body = await boundedBody(response, endpoint.maxMessage);
  } catch (error) {
    throw connectionFailure(error, endpoint.url);
  }
  // Some servers send JSON with the media type of their framework; version 1 accepted it.
  const isJson = type === "application/json" || type === "" || beginsAsJson(body);
  if (isJson) return { kind: "single", messages: [body] };
  throw new ProxyError(
    "bad_response",
    {
      problem: `MCP server answered with ${type} instead of JSON (${endpoint.url})`,
      hint: "Check MCP_SERVER_URL",
    },
    { status: response.status, mayHaveRun: true },
  );
}

/**
 * A failure as a reply: the JSON-RPC error of the server, if the message needs an answer.
 *
 * @throws {ProxyError} if the failure is not an answer, or is temporary
 */
export function failureReply(message: Message, failed: HttpFailure): Reply {
  const { error, failure } = failed;
  const { status, retryAfter } = failure.details;
  if (!error || isPassing(status, retryAfter)) throw failure;
  if (message.requests.length > 0) {
    return { kind: "single", messages: [error.text], failure: failed };
  }
  throw new ProxyError("http_status", `MCP server returned an error: ${error.text}`);
}

/** A reply whose messages go through `change` on their way. */
export function changed(reply: Reply, change: (text: Text) => Text): Reply {
  return reply.kind === "stream"
    ? { ...reply, messages: eachChanged(reply.messages, change) }
    : { ...reply, messages: reply.messages.map(change) };
}

/** The same reply. Calls `observe` with each message when it is read. */
export function observed(reply: Reply, observe: (text: Text) => void): Reply {
  return changed(reply, (text) => {
    observe(text);
    return text;
  });
}

async function* eachChanged(
  messages: AsyncIterable<Text>,
  change: (text: Text) => Text,
): AsyncGenerator<Text> {
  for await (const text of messages) yield change(text);
}

function beginsAsJson(body: Text): boolean {
  return /^\s*[{[]/.test(stringOf(body.slice(0, 64)));
}

/**
 * The JSON-RPC messages of an SSE stream. An event without data only carries an id.
 *
 * @throws {ProxyError} if the connection breaks
 */
export async function* streamMessages(
  { body }: Pick<HttpResponse, "body">,
  { url, maxMessage }: Endpoint,
  position: StreamPosition = {},
): AsyncGenerator<string> {
  if (!body) return;
  try {
    for await (const { event, data } of serverSentEvents(body, position, maxMessage)) {
      if (data !== "" && (event === undefined || event === "message")) yield data;
    }
  } catch (error) {
    throw connectionFailure(error, url);
  }
}
