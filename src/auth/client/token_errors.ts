import { type Explanation, ProxyError } from "../../errors.ts";
import { isSuccess } from "../../http/http.ts";
import { foreign } from "../../log/foreign_words.ts";
import { serverWords } from "../../log/server_words.ts";
import type { OAuthError } from "../tokens/token_answer.ts";
import type { TokenResponse } from "../tokens/token_endpoint.ts";
import type { Advice, Attempt } from "./advice.ts";

/** Error codes that a token endpoint can give by some RFC or OpenID specification. */
const KNOWN_CODES: ReadonlySet<string> = new Set([
  // RFC 6749
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope",
  "access_denied",
  "server_error",
  "temporarily_unavailable",
  // RFC 6750, 8628, 8707, 9396, 9449, 9470
  "invalid_token",
  "insufficient_scope",
  "authorization_pending",
  "slow_down",
  "expired_token",
  "invalid_target",
  "invalid_authorization_details",
  "invalid_dpop_proof",
  "use_dpop_nonce",
  "insufficient_user_authentication",
  // OpenID Connect
  "interaction_required",
  "login_required",
  "consent_required",
]);

/**
 * The error for an answer with an OAuth error in it. 404, 405 and codes that no RFC knows come from
 * something else than a token endpoint, such as the framework of the authorization server.
 */
export function refusal(
  response: TokenResponse,
  { code, description }: OAuthError,
  advice: Advice,
  attempt: Attempt,
): ProxyError {
  const { endpoint, status } = response;
  if (!KNOWN_CODES.has(code) || status === 404 || status === 405) {
    const what = `${endpoint} answered ${status}, so it is probably not the token endpoint`;
    const hint = attempt.target.hint ?? advice.endpoint;
    return failure({ problem: `${what}${said(response)}`, hint }, { status });
  }
  const words = description ? ` (${foreign(description)})` : "";
  return failure({
    problem: `${status} ${code}${words} from ${endpoint}`,
    hint: advice.hintFor(code, description, attempt),
  }, { status, oauthError: code });
}

/**
 * The error for a redirect, which is not followed: the request has a credential in it.
 *
 * @param location where the redirect leads, as the server wrote it
 */
export function redirected(
  { endpoint, status }: TokenResponse,
  location: string,
  { endpointSetting }: Advice,
): ProxyError {
  const to = URL.canParse(location, endpoint) ? new URL(location, endpoint).href : location;
  // Behind a proxy that ends TLS, servers often name themselves with http.
  const safe = endpoint.startsWith("https:") ? to.replace(/^http:/, "https:") : to;
  return failure({
    problem:
      `${endpoint} redirects (${status}) to ${to}, which the proxy does not follow, because ` +
      "the request contains the client's credential",
    hint: `If that is the token endpoint, set ${endpointSetting}=${safe}`,
  }, { status });
}

/** The error for an answer that is neither a token nor an OAuth error. */
export function unusable(response: TokenResponse, problem: string, hint: string): ProxyError {
  const { endpoint, status, contentType } = response;
  const what = isSuccess(status)
    ? `${endpoint} answered ${status} (${contentType}) without a usable token: ${problem}`
    : `${endpoint} answered ${status} (${contentType}), which is not an OAuth error${
      said(response)
    }`;
  return failure({ problem: what, hint }, { status });
}

/**
 * An error about a token request, of which nothing has reached the MCP server.
 *
 * @param cause what was thrown first
 */
export function failure(
  text: string | Explanation,
  details: { status?: number; oauthError?: string } = {},
  cause?: unknown,
): ProxyError {
  const parts = typeof text === "string" ? { problem: text } : text;
  const during = "OAuth token fetch";
  return new ProxyError("token", { during, ...parts }, { ...details, mayHaveRun: false }, cause);
}

/** The server's own words. An answer with a token would not be an error. */
function said({ text }: TokenResponse): string {
  const words = serverWords(text);
  return words === undefined ? "" : `. The server says: ${words}`;
}
