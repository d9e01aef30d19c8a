import { messageOf } from "../errors.ts";
import { isSuccess } from "../http/http.ts";
import { type Message, parseMessage } from "../json/jsonrpc.ts";
import type { Log } from "../log/log.ts";
import type { HttpResponse } from "../runtime/types.ts";
import { stringOf, type Text } from "../json/text.ts";
import type { Endpoint } from "./endpoint.ts";
import { type HttpFailure, readFailure } from "./http_failure.ts";
import { ACCEPT, changed, failureReply, readReply } from "./reply.ts";
import { HEADER_MISMATCH } from "../mcp/error_codes.ts";
import { METHOD } from "../mcp/methods.ts";
import { metadataHeaders } from "../mcp/request_metadata.ts";
import { firstResponse } from "./session.ts";
import { createToolParameters } from "../mcp/tool_parameters.ts";
import type { Reply, Upstream, Waiting } from "./upstream.ts";

/** Pages of tools that are searched for a tool's marks. */
const MAX_PAGES = 100;

/**
 * Streamable HTTP as of revision 2026-07-28: every request stands alone and says in its headers
 * what its body says. Ending the exchange is what cancels a request.
 */
export function statelessHttp(endpoint: Endpoint, log: Log): Pick<Upstream, "send"> {
  const { url } = endpoint;
  const parameters = createToolParameters((problem) => log.warn("OAuth Proxy", problem));

  function post(message: Message, signal: AbortSignal): Promise<HttpResponse> {
    const headers = {
      "content-type": "application/json",
      accept: ACCEPT,
      ...metadataHeaders(message),
      ...(message.method === METHOD.callTool ? parameters.headers(message) : {}),
    };
    return endpoint.request("POST", headers, signal, message.text);
  }

  async function send(message: Message, { signal }: Waiting): Promise<Reply> {
    for (let corrected = false;; corrected = true) {
      const response = await post(message, signal);
      if (isSuccess(response.status)) {
        const reply = await readReply(message, response, endpoint);
        return message.method === METHOD.listTools ? changed(reply, recorded) : reply;
      }
      const failure = await readFailure(response, url);
      if (corrected || !isHeaderMismatch(message, failure)) return failureReply(message, failure);
      const before = JSON.stringify(parameters.headers(message));
      await recordAll(message, signal).catch((error) =>
        log.debug("OAuth Proxy", `tools/list failed: ${messageOf(error)}`)
      );
      if (JSON.stringify(parameters.headers(message)) === before) {
        return failureReply(message, failure);
      }
    }
  }

  function recorded(text: Text): Text {
    try {
      return parameters.record(parseMessage(stringOf(text)));
    } catch {
      return text; // The relay says what is wrong with it.
    }
  }

  /** Looks at all the tools again, with the metadata of the call that needs it. */
  async function recordAll(call: Message, signal: AbortSignal): Promise<void> {
    const { _meta: { progressToken: _, ..._meta } } = call.value.params;
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const request = {
        jsonrpc: "2.0",
        id: "tools",
        method: METHOD.listTools,
        params: { cursor, _meta },
      };
      const message = parseMessage(JSON.stringify(request));
      const response = await post(message, signal);
      if (!isSuccess(response.status)) throw (await readFailure(response, url)).failure;
      const { messages } = await readReply(message, response, endpoint);
      const answer = await firstResponse(messages);
      if (answer) parameters.record(answer);
      cursor = answer?.value.result?.nextCursor;
      if (!cursor) return;
    }
  }

  return { send };
}

function isHeaderMismatch(message: Message, { error }: HttpFailure): boolean {
  return message.method === METHOD.callTool && error?.value.error.code === HEADER_MISMATCH;
}
