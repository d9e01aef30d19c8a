import type { Authorization } from "../auth/authorization.ts";
import type { OnAuthEvent } from "../auth/events.ts";
import type { TokenSet } from "../auth/tokens/token_set.ts";
import { unlessAborted } from "../async/timing.ts";
import { ProxyError, unlessFault } from "../errors.ts";
import { boundedText } from "../http/http.ts";
import { sameOriginRedirects } from "../http/redirects.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "../runtime/types.ts";
import { MAX_DOCUMENT } from "../limits.ts";

/** How often a message is sent again after each kind of refusal; the next refusal is the answer. */
const LIMITS = { refused: 1, insufficient_scope: 2 };

/**
 * An HTTP client that sends the access token, once there is one. After a 401, or a 400 with the
 * challenge `invalid_token`, it sends the request again with a new token; after a 403 because of
 * missing scopes, with a token that has them; both a bounded number of times. Redirects are followed
 * within the server's origin, so that no token leaves it.
 */
export function authorizedHttp(
  http: HttpClient,
  authorization: Authorization,
  onEvent: OnAuthEvent = () => {},
): HttpClient {
  const withToken = authorization.send ??
    ((request: HttpRequest, token: TokenSet) => http(bearing(request, token)));

  async function authorized(request: HttpRequest): Promise<HttpResponse> {
    const count = { refused: 0, insufficient_scope: 0 };
    for (;;) {
      const held = authorization.token();
      const token = held instanceof Promise ? await unlessAborted(held, request.signal) : held;
      const response = await (token ? withToken(request, token) : http(request));
      if (!mayBeAChallenge(response)) return response;

      const { readChallenge } = await import("../auth/discovery/challenge.ts");
      const read = readChallenge(response);
      if (read.status === 400 && read.error !== "invalid_token") return response;
      const challenge = read.status === 400 ? { ...read, status: 401 } : read;
      onEvent({ type: "refused", challenge, hadToken: token !== undefined });
      const kind = challenge.error === "insufficient_scope" ? "insufficient_scope" : "refused";
      // With a token, a 403 is final unless it says that scopes are missing.
      if (token && response.status === 403 && kind === "refused") return response;
      if (token && ++count[kind] > LIMITS[kind]) return response;
      const kept = await inMemory(response);
      const again = authorization.challenged(challenge, token);
      if (!await unlessAborted(again, request.signal)) return kept;
    }
  }

  return sameOriginRedirects(authorized, (status, { href }) =>
    new ProxyError(
      "http_status",
      {
        problem: `MCP server redirects (${status}) to ${href}, which is not followed: tokens are ` +
          "sent only to the server that they are for",
        hint: "If the new URL is right, set MCP_SERVER_URL to it",
      },
      { status, mayHaveRun: status === 303 },
    ));
}

/** Whether a response can ask for a token. Some servers refuse one with 400 (RFC 6750 wants 401). */
function mayBeAChallenge({ status, headers }: HttpResponse): boolean {
  return status === 401 || status === 403 ||
    status === 400 && headers.get("www-authenticate") !== null;
}

/** RFC 6750 section 2.1. */
function bearing(request: HttpRequest, token: TokenSet): HttpRequest {
  return {
    ...request,
    headers: { ...request.headers, authorization: `Bearer ${token.accessToken}` },
  };
}

/** The response with its body read, so that the connection can be used again. */
async function inMemory(response: HttpResponse): Promise<HttpResponse> {
  const text = await boundedText(response, MAX_DOCUMENT).catch(unlessFault(""));
  const { status, headers } = response;
  const bytes = new TextEncoder().encode(text);
  return { status, headers, body: chunks(bytes), text: () => Promise.resolve(text) };
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
