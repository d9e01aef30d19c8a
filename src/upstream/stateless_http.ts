import { isSuccess } from "../http/http.ts";
import type { Message } from "../json/jsonrpc.ts";
import type { Log } from "../log/log.ts";
import { metadataHeaders } from "../mcp/request_metadata.ts";
import { createToolParameters } from "../mcp/tool_parameters.ts";
import { createCallHeaders } from "./call_headers.ts";
import type { Endpoint } from "./endpoint.ts";
import { readFailure } from "./http_failure.ts";
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
    const response = await endpoint.request("POST", headers, signal, message.text);
    if (isSuccess(response.status)) return await readReply(message, response, endpoint);
    return failureReply(message, await readFailure(response, url));
  }

  async function send(message: Message, { signal }: Waiting): Promise<Reply> {
    const again = () => sendOnce(message, signal);
    return await callHeaders.handle(message, await again(), again, signal);
  }

  return { send };
}
