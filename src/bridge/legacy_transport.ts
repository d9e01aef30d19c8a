import { logFault } from "../log/fault.ts";
import { messageOf, ProxyError } from "../errors.ts";
import { errorOf, type Message, METHOD_NOT_FOUND } from "../json/jsonrpc.ts";
import type { Log } from "../log/log.ts";
import { isModernCode } from "../mcp/error_codes.ts";
import { METHOD } from "../mcp/methods.ts";
import { createEndpoint, type Endpoint, type EndpointOptions } from "../upstream/endpoint.ts";
import { withKeepAlive } from "../upstream/keep_alive.ts";
import { streamableHttp } from "../upstream/streamable_http.ts";
import type { Reply, Upstream, Waiting } from "../upstream/upstream.ts";

/** Statuses of a first POST after which HTTP+SSE is tried (2026-07-28, "Backward Compatibility"). */
const FALLBACK_STATUSES = new Set([400, 404, 405]);

/** Whether a failed fallback got further than the POST that led to it: there is a stream at this URL. */
function gotFurther(failure: unknown): failure is ProxyError {
  if (!(failure instanceof ProxyError)) return false;
  const { reason, details: { status = 0 } } = failure;
  if (reason === "token" || reason === "unauthorized") return true;
  return reason === "http_status" && (status >= 500 || status === 429) && status !== 501;
}

/** Settings of {@linkcode legacyTransport}. */
export interface LegacyOptions extends EndpointOptions {
  /** Milliseconds between two messages of a session, kept with a `ping`; none by default. */
  readonly keepAlive?: number;
}

/** A legacy server: Streamable HTTP, or HTTP+SSE if the server refuses the first `initialize`. */
export function legacyTransport(endpoint: Endpoint, log: Log, options: LegacyOptions): Upstream {
  let transport = streamableHttp(endpoint, log);
  /** Whether the transport is known, by an answer that the server gave. */
  let settled = false;

  function send(message: Message, waiting: Waiting): Promise<Reply> {
    const isFirst = message.method === METHOD.initialize && !settled;
    return isFirst ? begin(message, waiting) : transport.send(message, waiting);
  }

  async function begin(message: Message, waiting: Waiting): Promise<Reply> {
    const reply = transport.send(message, waiting);
    if (!await asksForFallback(reply)) settled = true;
    else {
      const failure = await fallBack();
      if (!failure) return await transport.send(message, waiting);
      if (gotFurther(failure)) {
        reply.catch(() => {});
        throw failure;
      }
    }
    return await reply;
  }

  /** Changes to HTTP+SSE, or returns what failed. */
  async function fallBack(): Promise<unknown> {
    const { httpSse } = await import("../upstream/http_sse/http_sse.ts");
    const older = httpSse(endpoint, (at) => createEndpoint(at, options), log);
    try {
      await older.connect();
    } catch (error) {
      logFault(log, error);
      log.debug("OAuth Proxy", `No HTTP+SSE transport: ${messageOf(error)}`);
      return error;
    }
    log.info("OAuth Proxy", "The server speaks HTTP+SSE (2024-11-05)");
    transport = older;
    settled = true;
  }

  const upstream: Upstream = {
    send,
    listen: (signal, onOpen) => transport.listen(signal, onOpen),
    close: (signal) => transport.close(signal),
  };
  const { keepAlive } = options;
  return keepAlive === undefined ? upstream : withKeepAlive(upstream, keepAlive, log);
}

/** @throws what `reply` throws, if it is not such a status */
async function asksForFallback(reply: Promise<Reply>): Promise<boolean> {
  try {
    const { failure } = await reply;
    return failure !== undefined && FALLBACK_STATUSES.has(failure.status) &&
      !isModern(failure.error && errorOf(failure.error, "code"));
  } catch (error) {
    const isStatus = error instanceof ProxyError && error.reason === "http_status";
    if (isStatus && FALLBACK_STATUSES.has(error.details.status ?? 0)) return true;
    throw error;
  }
}

/** Whether only a modern server has such an error code, or one that does not know `initialize`. */
function isModern(code: unknown): boolean {
  return code === METHOD_NOT_FOUND || isModernCode(code);
}
