import { messageOf, ProxyError } from "../errors.ts";
import { type Message, METHOD_NOT_FOUND } from "../json/jsonrpc.ts";
import type { Log } from "../log/log.ts";
import { createEndpoint, type EndpointOptions } from "../upstream/endpoint.ts";
import { httpSse } from "../upstream/http_sse/http_sse.ts";
import { isModernCode } from "../mcp/error_codes.ts";
import { METHOD } from "../mcp/methods.ts";
import { declaredVersion } from "../mcp/request_metadata.ts";
import { statelessHttp } from "../upstream/stateless_http.ts";
import { streamableHttp } from "../upstream/streamable_http.ts";
import type { Reply, Upstream, Waiting } from "../upstream/upstream.ts";

/** Statuses of a first POST after which HTTP+SSE is tried (2026-07-28, "Backward Compatibility"). */
const FALLBACK_STATUSES = new Set([400, 404, 405]);

/**
 * The MCP server in whichever transport a message needs: a message that declares its revision goes
 * by 2026-07-28, any other by the transports of the handshake. Both may be in use in one process.
 */
export function mcpServer(url: string, log: Log, options: EndpointOptions): Upstream {
  const endpoint = createEndpoint(url, options);
  const stateless = statelessHttp(endpoint, log);
  let withHandshake = streamableHttp(endpoint, log);
  /** Whether the handshake's transport is known, by an answer that the server gave. */
  let settled = false;

  function send(message: Message, waiting: Waiting): Promise<Reply> {
    if (declaredVersion(message) !== undefined) return stateless.send(message, waiting);
    const isFirst = message.method === METHOD.initialize && !settled;
    return isFirst ? begin(message, waiting) : withHandshake.send(message, waiting);
  }

  async function begin(message: Message, waiting: Waiting): Promise<Reply> {
    const reply = withHandshake.send(message, waiting);
    if (!await asksForFallback(reply)) settled = true;
    else if (await fallBack()) return await withHandshake.send(message, waiting);
    return await reply;
  }

  async function fallBack(): Promise<boolean> {
    const older = httpSse(endpoint, (at) => createEndpoint(at, options), log);
    try {
      await older.connect();
    } catch (error) {
      log.debug("OAuth Proxy", `No HTTP+SSE transport: ${messageOf(error)}`);
      return false;
    }
    log.info("OAuth Proxy", "The server speaks HTTP+SSE (2024-11-05)");
    withHandshake = older;
    settled = true;
    return true;
  }

  return {
    send,
    listen: (signal) => withHandshake.listen(signal),
    close: (signal) => withHandshake.close(signal),
  };
}

/** @throws what `reply` throws, where that is no such status */
async function asksForFallback(reply: Promise<Reply>): Promise<boolean> {
  try {
    const { failure } = await reply;
    return failure !== undefined && FALLBACK_STATUSES.has(failure.status) &&
      !isModern(failure.error!.value.error.code);
  } catch (error) {
    const isStatus = error instanceof ProxyError && error.reason === "http_status";
    if (isStatus && FALLBACK_STATUSES.has(error.details.status!)) return true;
    throw error;
  }
}

/** Whether only a server of 2026-07-28 has such an error code, or a method that it does not know. */
function isModern(code: number): boolean {
  return code === METHOD_NOT_FOUND || isModernCode(code);
}
