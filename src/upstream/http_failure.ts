/** An HTTP response that is not a success, and what it means for the message. */

import { ProxyError, unlessFault } from "../errors.ts";
import { boundedText, retryAfter } from "../http/http.ts";
import { errorOf, type Message, tryParse } from "../json/jsonrpc.ts";
import type { HttpResponse } from "../runtime/types.ts";
import { isPage, serverWords } from "../log/server_words.ts";
import { MAX_DOCUMENT } from "../limits.ts";

/** An unsuccessful response, read to its end. */
export interface HttpFailure {
  /** HTTP status. */
  readonly status: number;
  /** The body as text. */
  readonly body: string;
  /** The JSON-RPC error in the body: the server's own answer. */
  readonly error?: Message;
  /** The proxy's error with the status, for a response that contains no answer. */
  readonly failure: ProxyError;
}

/** Reads an unsuccessful response. */
export async function readFailure(response: HttpResponse, url: string): Promise<HttpFailure> {
  const { status } = response;
  const body = await boundedText(response, MAX_DOCUMENT).catch(unlessFault(""));
  const pause = retryAfter(response.headers.get("retry-after"));
  const words = await challengeWords(response) ?? serverWords(body);
  const said = words === undefined ? "" : `. The server says: ${words}`;
  const { means, hint } = status === 403 && isPage(body) ? BLOCKED : MEANINGS[status] ?? {};
  const meaning = means === undefined ? "" : `: ${means}`;
  const failure = new ProxyError(
    status === 401 || status === 403 ? "unauthorized" : "http_status",
    { problem: `MCP server returned: ${status}${meaning} (${url})${said}`, hint },
    // Gateways also answer 503 if a server crashed while it handled the request.
    { status, retryAfter: pause, mayHaveRun: status >= 500 && !isPassing(status, pause) },
  );
  // A 401 after a new token needs the user; the server cannot say more than this error.
  return { status, body, error: status === 401 ? undefined : errorIn(body), failure };
}

/** The description in the challenge of a refused token (RFC 6750 section 3), as one short line. */
async function challengeWords(response: HttpResponse): Promise<string | undefined> {
  if (!response.headers.get("www-authenticate")) return undefined;
  const { readChallenge } = await import("../auth/discovery/challenge.ts");
  const { description } = readChallenge(response);
  return description === undefined ? undefined : serverWords(description);
}

/** Whether the server refused the request for now and asks to come back, whatever else it says. */
export function isPassing(status?: number, retryAfter?: number): boolean {
  return status === 429 || (status === 503 && retryAfter !== undefined);
}

function errorIn(body: string): Message | undefined {
  const message = tryParse(body);
  return message?.kind === "response" && errorOf(message) ? message : undefined;
}

/** What a refusal means, and what people can do about it. */
interface Meaning {
  readonly means?: string;
  readonly hint?: string;
}

/** A 403 that is an HTML page. */
const BLOCKED: Meaning = {
  means: "a web page, so a firewall or gateway in front of the MCP server blocked the request",
  hint: "Allow this client at that firewall or gateway",
};

const WRONG_URL: Meaning = {
  means: "this URL is not an MCP endpoint",
  hint: "Check MCP_SERVER_URL; it often ends in /mcp",
};

/** By status. */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  401: {
    means: "it refuses the access token, and a new one too",
    hint: "Check MCP_SCOPE, MCP_RESOURCE and the audience of the token",
  },
  403: { means: "the access token lacks a permission", hint: "Check MCP_SCOPE" },
  404: WRONG_URL,
  405: WRONG_URL,
  406: { hint: "Check that MCP_SERVER_URL is the MCP endpoint" },
  413: { means: "the message is too large for the server" },
};
