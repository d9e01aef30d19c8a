import { boundedText, mediaType } from "../../http/http.ts";
import { METHOD } from "../../mcp/methods.ts";
import { LEGACY } from "../../mcp/revisions.ts";
import type { HttpClient, HttpResponse } from "../../runtime/types.ts";
import { VERSION } from "../../version.ts";

/** Milliseconds for the answer. */
const TIMEOUT = 30_000;
/** Bytes of it that are read. */
const MAX_ANSWER = 1 << 20;

/** What servers of every revision understand, or at least ask a token for. */
const INITIALIZE = {
  jsonrpc: "2.0",
  id: 1,
  method: METHOD.initialize,
  params: {
    protocolVersion: LEGACY,
    capabilities: {},
    clientInfo: { name: "mcp-oauth-proxy", version: VERSION },
  },
};

/**
 * Sends `initialize` without a token, to see how the server answers. If a session begins, it is
 * ended.
 *
 * @returns the response with its body in memory, without that of a stream
 */
export async function probeWithoutToken(url: URL, http: HttpClient): Promise<HttpResponse> {
  const signal = AbortSignal.timeout(TIMEOUT);
  const headers = {
    "content-type": "application/json",
    "accept": "application/json, text/event-stream",
  };
  const body = JSON.stringify(INITIALIZE);
  const response = await http({ method: "POST", url: url.href, headers, body, signal });
  const session = response.headers.get("mcp-session-id");
  if (session) {
    const headers = { "mcp-session-id": session };
    http({ method: "DELETE", url: url.href, headers, signal }).then((r) => r.text(), () => {});
  }
  let text = "";
  if (mediaType(response) === "text/event-stream") {
    await response.body?.[Symbol.asyncIterator]().return?.();
  } else {
    text = await boundedText(response, MAX_ANSWER).catch(() => "");
  }
  const { status, headers: answered } = response;
  return { status, headers: answered, body: null, text: () => Promise.resolve(text) };
}
