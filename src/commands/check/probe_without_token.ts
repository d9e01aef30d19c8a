import { unlessFault } from "../../errors.ts";
import { boundedText, mediaType } from "../../http/http.ts";
import { METHOD } from "../../mcp/methods.ts";
import { LEGACY } from "../../mcp/revisions.ts";
import type { HttpClient, HttpResponse } from "../../runtime/types.ts";
import { VERSION } from "../../version.ts";
import { ANSWER_WITHIN, MAX_DOCUMENT } from "../../limits.ts";

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
 * Sends `initialize` without a token, to see how the server answers; if it does not take a POST, asks
 * for the stream of HTTP+SSE. If a session begins, it is ended.
 *
 * @returns the response with its body in memory, without that of a stream
 */
export async function probeWithoutToken(url: URL, http: HttpClient): Promise<HttpResponse> {
  const signal = AbortSignal.timeout(ANSWER_WITHIN);
  const headers = {
    "content-type": "application/json",
    "accept": "application/json, text/event-stream",
  };
  const body = JSON.stringify(INITIALIZE);
  const posted = await inMemory(
    await http({ method: "POST", url: url.href, headers, body, signal }),
  );
  const session = posted.headers.get("mcp-session-id");
  if (session) {
    const headers = { "mcp-session-id": session };
    http({ method: "DELETE", url: url.href, headers, signal }).then((r) => r.text(), () => {});
  }
  if (posted.status !== 404 && posted.status !== 405) return posted;
  const get = { method: "GET", url: url.href, headers: { accept: "text/event-stream" }, signal };
  const stream = await http(get).then(inMemory).catch(unlessFault(posted));
  const isStream = stream.status === 200 && mediaType(stream) === "text/event-stream";
  return isStream || stream.status === 401 ? stream : posted;
}

/** The same response after its body was read; a stream is cancelled instead. */
async function inMemory(response: HttpResponse): Promise<HttpResponse> {
  let text = "";
  if (mediaType(response) === "text/event-stream") {
    await response.body?.[Symbol.asyncIterator]().return?.();
  } else {
    text = await boundedText(response, MAX_DOCUMENT).catch(unlessFault(""));
  }
  const { status, headers } = response;
  return { status, headers, body: null, text: () => Promise.resolve(text) };
}
