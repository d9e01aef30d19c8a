import { serverWords } from "../../log/server_words.ts";
import { BodyTooLarge, boundedText, retryAfter } from "../../http/http.ts";
import { explanationOf } from "../../errors.ts";
import { ConnectionError, type HttpClient } from "../../runtime/types.ts";
import { VERSION } from "../../version.ts";
import type { AuthorizationServer } from "../oauth4webapi.ts";
import { TransientError } from "./retry.ts";
import { MAX_DOCUMENT, TOKEN_REQUEST_TIMEOUT } from "../../limits.ts";

/** A token request. */
export interface TokenForm {
  /** The token endpoint. */
  readonly endpoint: string;
  /** Parameters. */
  readonly form: URLSearchParams;
  /** Headers in addition to the usual ones. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What a token endpoint has answered. */
export interface TokenResponse {
  /** The token endpoint. */
  readonly endpoint: string;
  /** HTTP status. */
  readonly status: number;
  /** Media type and its parameters, for the error. */
  readonly contentType: string;
  /** The server's time (`Date`). */
  readonly date?: string;
  /** `Location` of a redirect. */
  readonly location?: string;
  /** The body. */
  readonly text: string;
}

/** The token endpoint of a server: for a client certificate there may be another one (RFC 8705). */
export function tokenEndpointOf(server: AuthorizationServer, mutualTls: boolean): string {
  const alias = mutualTls ? server.mtls_endpoint_aliases?.token_endpoint : undefined;
  const endpoint = alias ?? server.token_endpoint;
  // Metadata without a token endpoint is not accepted.
  if (endpoint === undefined) throw new TypeError(`${server.issuer} has no token endpoint`);
  return endpoint;
}

/**
 * Sends a form to a token endpoint and reads the answer (RFC 6749 section 3.2), both bounded in time
 * and size. Redirects are not followed.
 *
 * @param left milliseconds that are left for the token
 * @throws {TransientError} if another attempt may succeed: 429, 5xx and network failures
 */
export async function postForm(
  { endpoint, form, headers }: TokenForm,
  http: HttpClient,
  left: number,
): Promise<TokenResponse> {
  const timeout = Math.min(left, TOKEN_REQUEST_TIMEOUT);
  const signal = AbortSignal.timeout(timeout);
  try {
    const response = await http({
      method: "POST",
      url: endpoint,
      headers: {
        accept: "application/json",
        "content-type": "application/x-www-form-urlencoded;charset=UTF-8",
        "user-agent": `mcp-oauth-proxy/${VERSION}`,
        ...headers,
      },
      body: form.toString(),
      signal,
      purpose: "token",
    });
    const text = await boundedText(response, MAX_DOCUMENT);
    const { status } = response;
    if (status === 429 || status >= 500) {
      const words = serverWords(text);
      const said = words === undefined ? "" : ` (${words})`;
      throw new TransientError(`the authorization server answered ${status}${said}`, {
        status,
        retryAfter: retryAfter(response.headers.get("retry-after")),
      });
    }
    return {
      endpoint,
      status,
      contentType: response.headers.get("content-type") ?? "no content type",
      date: response.headers.get("date") ?? undefined,
      location: response.headers.get("location") ?? undefined,
      text,
    };
  } catch (error) {
    if (signal.aborted) throw new TransientError(`no answer within ${Math.ceil(timeout / 1000)}s`);
    if (!(error instanceof ConnectionError)) throw error;
    if (error.isPermanent || error instanceof BodyTooLarge) throw error;
    throw new TransientError(explanationOf(error), {}, error);
  }
}
