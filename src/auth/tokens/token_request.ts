import * as oauth from "oauth4webapi";
import { messageOf, ProxyError } from "../../errors.ts";
import { isSuccess, retryAfter } from "../../http/http.ts";
import type { Log } from "../../log/log.ts";
import type { HttpClient } from "../../runtime/types.ts";
import { VERSION } from "../../version.ts";
import { fetchToken } from "./fetch_token.ts";
import { retrying, TransientError } from "./retry.ts";
import type { Token } from "./token_source.ts";

/** One way to ask for a token. */
export interface TokenRequest {
  /** The authorization server; the request goes to its `token_endpoint`. */
  readonly server: oauth.AuthorizationServer;
  /** The client's id. */
  readonly clientId: string;
  /** Puts the client's credential into the request. */
  readonly clientAuthentication: oauth.ClientAuth;
  /** `grant_type` (RFC 6749 section 4). */
  readonly grantType: string;
  /** Further parameters: scope, resource, what the grant adds and whatever the user adds. */
  readonly parameters: URLSearchParams;
  /** Binds the token to a key (RFC 9449). */
  readonly dpop?: oauth.DPoPHandle;
  /** Whether the connection has a client certificate, for which there may be another endpoint. */
  readonly mutualTls?: boolean;
  /** The type of token that a token exchange returns, which is not an access token (RFC 8693 section 2.2.1). */
  readonly issuedTokenType?: string;
  /** Told of a token of no type, which is taken for a bearer token; without it, it is none. */
  readonly onUntyped?: () => void;
  /** Milliseconds that are left for the token. */
  readonly left?: number;
  /** What to check if the URL is not a token endpoint. */
  readonly hint?: string;
}

/** The characters of an access token (RFC 6749 appendix A.12). */
const TOKEN = /^[\x20-\x7e]+$/;

/** The most requests for one token. */
const RETRY = { attempts: 5, firstDelay: 1_000 };

/**
 * Asks for a token until there is one or a final refusal: 429, 5xx and network failures are tried
 * again for a bounded time.
 *
 * @param attempt sends one request, created each time, since an assertion is valid only once
 * @param within milliseconds for all of them
 * @param endpoint the token endpoint, for the error
 * @throws {ProxyError} with reason `token`, its message naming the token endpoint
 */
export async function requestToken(
  attempt: (left: number) => Promise<Token>,
  within: number,
  endpoint: string,
  log: Log,
): Promise<Token> {
  try {
    const token = await retrying(attempt, {
      ...RETRY,
      within,
      onRetry: (error, delay) =>
        log.warn("OAuth", `${error.message}; retrying in ${Math.ceil(delay / 1000)}s`),
    });
    const lifetime = token.expiresIn === undefined ? "" : ` (expires in ${token.expiresIn}s)`;
    log.info("OAuth", `Token fetched successfully${lifetime}`);
    return token;
  } catch (error) {
    const failure = error instanceof ProxyError ? error : new ProxyError(
      "token",
      `OAuth token fetch failed: ${messageOf(error)} (token endpoint ${endpoint})`,
      { status: (error as TransientError).status, mayHaveRun: false },
    );
    log.error("OAuth", `Failed to fetch token: ${failure.message}`);
    throw failure;
  }
}

/**
 * Sends one token request and reads the answer (RFC 6749 sections 3.2 and 5). Redirects are not
 * followed. A server that wants a nonce in the DPoP proof gets it in a second request.
 *
 * @throws {TransientError} if another attempt may succeed
 * @throws {ProxyError} if the answer is final
 */
export async function sendTokenRequest(request: TokenRequest, http: HttpClient): Promise<Token> {
  const { dpop, issuedTokenType } = request;
  const awaited = issuedTokenType ? "n_a" : dpop ? "dpop" : "bearer";
  for (let attempt = 1;; attempt++) {
    const response = await exchange(request, http);
    const { status } = response;
    if (status === 429 || status >= 500) {
      const pause = retryAfter(response.headers.get("retry-after"));
      throw new TransientError(`the authorization server answered ${status}`, pause, status);
    }
    try {
      const { access_token, expires_in, token_type, issued_token_type } = await oauth
        .processGenericTokenEndpointResponse(request.server, clientOf(request), response, {
          recognizedTokenTypes: { [awaited]: () => {} },
        });
      if (token_type !== awaited) throw new Error(wrongType(token_type, awaited));
      if (issuedTokenType && issued_token_type !== issuedTokenType) {
        throw new Error(`its issued_token_type is ${issued_token_type}, not ${issuedTokenType}`);
      }
      if (!TOKEN.test(access_token)) {
        throw new Error("its access_token has characters that a header cannot carry");
      }
      return { value: access_token, expiresIn: expires_in };
    } catch (error) {
      if (dpop && oauth.isDPoPNonceError(error) && attempt === 1) continue;
      throw rejection(error, response, request);
    }
  }
}

function exchange(request: TokenRequest, http: HttpClient): Promise<Response> {
  return oauth.genericTokenEndpointRequest(
    request.server,
    clientOf(request),
    request.clientAuthentication,
    request.grantType,
    request.parameters,
    {
      DPoP: request.dpop,
      headers: { "user-agent": `mcp-oauth-proxy/${VERSION}` },
      // Which URLs may be cleartext is decided where URLs come in, before any request.
      [oauth.allowInsecureRequests]: true,
      [oauth.customFetch]: (url, init) =>
        fetchToken(http, url, init, request.left, request.onUntyped),
    },
  );
}

/** Where a token request goes: with a client certificate there may be another endpoint (RFC 8705). */
export function tokenEndpointOf(
  { server, mutualTls }: Pick<TokenRequest, "server" | "mutualTls">,
): string {
  const alias = mutualTls ? server.mtls_endpoint_aliases?.token_endpoint : undefined;
  return alias ?? server.token_endpoint!;
}

function clientOf({ clientId, mutualTls }: TokenRequest): oauth.Client {
  return { client_id: clientId, use_mtls_endpoint_aliases: mutualTls };
}

function wrongType(type: string, awaited: string): string {
  return `its token_type is ${type}, not ${awaited}` +
    (type === "dpop" ? "; set MCP_DPOP=true" : "") +
    (awaited === "dpop" ? "; the server does not support DPoP; unset MCP_DPOP" : "");
}

/** What was wrong with an answer that is final, in the user's terms. */
function rejection(error: unknown, response: Response, request: TokenRequest): ProxyError {
  const { status } = response;
  const endpoint = tokenEndpointOf(request);
  const refusal = oauthErrorIn(error);
  if (refusal) {
    const description = refusal.error_description ? ` (${refusal.error_description})` : "";
    const hints = request.issuedTokenType ? EXCHANGE_HINTS : HINTS;
    const hint = hints[refusal.error] ?? "";
    return new ProxyError(
      "token",
      `OAuth token fetch failed: ${status} ${refusal.error}${description} from ${endpoint}${hint}`,
      { status, oauthError: refusal.error, mayHaveRun: false },
    );
  }
  const type = response.headers.get("content-type") ?? "no content type";
  const what = isSuccess(status)
    ? `${endpoint} answered ${status} (${type}) without a usable token: ${messageOf(error)}`
    : `${endpoint} answered ${status} (${type}), which is not an OAuth error`;
  const hint = request.hint ?? "Check that MCP_AUTH_SERVER_URL is the token endpoint";
  return new ProxyError("token", `OAuth token fetch failed: ${what}. ${hint}`, {
    status,
    mayHaveRun: false,
  });
}

/** The OAuth error of an answer (RFC 6749 section 5.2), to which some servers give the status 200. */
function oauthErrorIn(error: unknown): { error: string; error_description?: unknown } | undefined {
  if (error instanceof oauth.ResponseBodyError) return error;
  const { body } = (error as { cause?: { body?: { error?: unknown } } }).cause ?? {};
  const isNamed = typeof body?.error === "string" && body.error !== "";
  return isNamed ? body as { error: string } : undefined;
}

/** The same for a token exchange, whose client is another one. */
const EXCHANGE_HINTS: Record<string, string> = {
  invalid_client: ". Check MCP_IDP_CLIENT_ID and MCP_IDP_CLIENT_SECRET",
  invalid_grant:
    ". The identity provider does not accept the token of MCP_ID_TOKEN_FILE or _COMMAND",
};

/** What to do about the error codes of RFC 6749 section 5.2. */
const HINTS: Record<string, string> = {
  invalid_client: ". Check MCP_CLIENT_ID, the client's credential and MCP_AUTH_METHOD",
  unauthorized_client:
    ". Check MCP_CLIENT_ID and the client's credential (Keycloak reports a wrong " +
    "secret this way); then allow this client the grant at the authorization server",
  unsupported_grant_type: ". Allow this client the grant at the authorization server",
  invalid_grant: ". The assertion is not accepted: check its issuer, audience and expiry",
  invalid_scope: ". Check MCP_SCOPE",
  invalid_target: ". Check MCP_RESOURCE",
};
