import { ProxyError } from "../errors.ts";
import { isSuccess } from "../http/http.ts";
import type { Message } from "../json/jsonrpc.ts";
import type { Log } from "../log/log.ts";
import { METHOD } from "../mcp/methods.ts";
import { metadataHeaders } from "../mcp/request_metadata.ts";
import { createToolParameters } from "../mcp/tool_parameters.ts";
import type { HttpResponse } from "../runtime/types.ts";
import { createCallHeaders } from "./call_headers.ts";
import { contentOf, type Endpoint } from "./endpoint.ts";
import { readFailure } from "./http_failure.ts";
import { withIdleLimit } from "./idle_limit.ts";
import { ACCEPT, failureReply, readReply } from "./reply.ts";
import type { Reply, Upstream, Waiting } from "./upstream.ts";

/**
 * Streamable HTTP as of revision 2026-07-28: every request stands alone and says in its headers
 * what its body says. Ending the exchange is what cancels a request.
 */
export function statelessHttp(endpoint: Endpoint, log: Log): Pick<Upstream, "send"> {
  const { url } = endpoint;
  const callHeaders = createCallHeaders({
    parameters: createToolParameters((problem) => log.warn("OAuth Proxy", problem)),
    send: sendOnce,
    hidesInvalid: true,
    log,
  });

  async function sendOnce(message: Message, signal: AbortSignal): Promise<Reply> {
    const headers = {
      "content-type": "application/json",
      accept: ACCEPT,
      ...metadataHeaders(message),
      ...callHeaders.of(message),
    };
    if (message.method === METHOD.listen && endpoint.idleTimeout) {
      return await subscribe(message, headers, signal, endpoint.idleTimeout);
    }
    const response = await endpoint.request("POST", headers, signal, contentOf(message));
    return await replyOf(message, response);
  }

  /** A subscription ends with an error if its stream is silent for too long. */
  async function subscribe(
    message: Message,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    idleTimeout: number,
  ): Promise<Reply> {
    const silence = new AbortController();
    const until = AbortSignal.any([signal, silence.signal]);
    const response = await endpoint.request("POST", headers, until, contentOf(message));
    const onSilence = () => silence.abort(silenceError(idleTimeout));
    const body = response.body && withIdleLimit(response.body, idleTimeout, onSilence);
    return await replyOf(message, { ...response, body });
  }

  async function replyOf(message: Message, response: HttpResponse): Promise<Reply> {
    if (isSuccess(response.status)) return await readReply(message, response, endpoint);
    return failureReply(message, await readFailure(response, url));
  }

  async function send(message: Message, { signal }: Waiting): Promise<Reply> {
    const again = () => sendOnce(message, signal);
    return await callHeaders.handle(message, await again(), again, signal);
  }

  return { send };
}

function silenceError(milliseconds: number): ProxyError {
  const message = `nothing came from the MCP server for ${
    milliseconds / 1000
  } s (MCP_IDLE_TIMEOUT)`;
  return new ProxyError("interrupted", message, { mayHaveRun: true });
}
