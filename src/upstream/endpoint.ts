/** A URL of the MCP server: sends requests to it, and reports what failed. */

import { explanationOf, ProxyError, unlessFault, wrapped } from "../errors.ts";
import { headerValue } from "../http/header_value.ts";
import { BodyTooLarge, boundedText } from "../http/http.ts";
import type { Message } from "../json/jsonrpc.ts";
import { traceparentOf } from "../json/trace_context.ts";
import type { Text } from "../json/text.ts";
import { ConnectionError, type HttpClient, type HttpResponse } from "../runtime/types.ts";
import { VERSION } from "../version.ts";
import { MAX_DOCUMENT } from "../limits.ts";

/** A URL of the MCP server, with what all requests to it have in common. */
export interface Endpoint {
  /** Where requests go. */
  readonly url: string;
  /** Bytes that one message of the server may have. */
  readonly maxMessage: number;
  /** Milliseconds that a stream of server messages may be silent. */
  readonly idleTimeout?: number;
  /**
   * Sends one HTTP request.
   *
   * @throws {ProxyError} if there is no response
   */
  request(
    method: "POST" | "GET" | "DELETE",
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    about?: RequestContent,
  ): Promise<HttpResponse>;
}

/** What a request to an endpoint carries. */
export interface RequestContent {
  /** The message. */
  readonly body?: Text;
  /** The id of the client's request that it is sent for. */
  readonly id?: string;
  /** The trace that the message belongs to. */
  readonly traceparent?: string;
}

/** What all endpoints of a server share. */
export interface EndpointOptions {
  /** Sends with the access token. */
  readonly http: HttpClient;
  /** Headers of every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes that one message of the server may have. */
  readonly maxMessage?: number;
  /** Milliseconds that a stream of server messages may be silent. */
  readonly idleTimeout?: number;
}

/** What the POST of a message carries. */
export function contentOf(message: Message): RequestContent {
  const { text, requests } = message;
  const id = requests.length > 0 ? requests.join() : undefined;
  return { body: text, id, traceparent: traceparentOf(message) };
}

/** Creates an endpoint. */
export function createEndpoint(url: string, options: EndpointOptions): Endpoint {
  const { http, headers = {}, maxMessage = Infinity, idleTimeout } = options;
  const configured = Object.entries(headers).map((
    [name, value],
  ) => [name, headerValue(value) ?? ""]);
  const isNamed = Object.keys(headers).some((name) => name.toLowerCase() === "user-agent");
  const userAgent = isNamed ? {} : { "user-agent": `mcp-oauth-proxy/${VERSION}` };
  const fixed = { ...userAgent, ...Object.fromEntries(configured) };
  return {
    url,
    maxMessage,
    idleTimeout,
    request(method, headers, signal, { body, id, traceparent } = {}) {
      const trace = traceparent === undefined ? undefined : { traceparent };
      const all = { ...fixed, ...headers, ...trace };
      return http({ method, url, headers: all, body, id, signal }).catch((error) => {
        throw connectionFailure(error, url);
      });
    },
  };
}

/** The proxy error for an exchange that broke. */
export function connectionFailure(error: unknown, url: string): ProxyError {
  if (error instanceof ProxyError) return error;
  if (error instanceof BodyTooLarge) {
    const message = `the message from the MCP server has more than ${error.limit} bytes`;
    return new ProxyError("too_large", `${message}; see MCP_MAX_MESSAGE_BYTES`, {
      mayHaveRun: true,
    }, error);
  }
  if (error instanceof ConnectionError && !error.reachedServer) {
    const { problem, hint } = error;
    const text = { problem: `Cannot reach the MCP server: ${problem} (${url})`, hint };
    return new ProxyError("unreachable", text, { mayHaveRun: false }, error);
  }
  const message = (words: string) => `The connection to the MCP server broke: ${words} (${url})`;
  return wrapped(error, "interrupted", message, { mayHaveRun: true });
}

/** A failure before a request was sent, as the failure of that request. */
export function notSent(error: unknown, url: string): ProxyError {
  const failure = connectionFailure(error, url);
  const reason = failure.reason === "interrupted" ? "unreachable" : failure.reason;
  const details = { ...failure.details, mayHaveRun: false };
  return new ProxyError(reason, explanationOf(failure), details, error);
}

/** Reads a body that nobody needs, to its end. */
export async function ignoreBody(response: HttpResponse): Promise<void> {
  await boundedText(response, MAX_DOCUMENT).catch(unlessFault(""));
}
