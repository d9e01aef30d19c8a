import { ProxyError } from "../../errors.ts";
import { isSuccess } from "../../http/http.ts";
import type { OAuthError } from "../tokens/token_answer.ts";
import type { TokenResponse } from "../tokens/token_endpoint.ts";

/** What the user can do about the errors of one server, each the end of an error message. */
export interface Advice {
  /** For the error codes of RFC 6749 section 5.2 and its extensions. */
  readonly codes: ReadonlyMap<string, string>;
  /** For a URL that does not answer like a token endpoint. */
  readonly endpoint: string;
  /** The setting that names the token endpoint. */
  readonly endpointSetting: string;
  /** The settings of a credential. */
  readonly credentialSettings: string;
}

/** For the MCP server's authorization server. */
export const AUTHORIZATION_SERVER: Advice = {
  codes: new Map(Object.entries({
    invalid_client: ". Check MCP_CLIENT_ID, the client's credential and MCP_AUTH_METHOD",
    unauthorized_client:
      ". Check MCP_CLIENT_ID and the client's credential (Keycloak reports a wrong " +
      "secret this way); then allow this client the grant at the authorization server",
    unsupported_grant_type: ". Allow this client the grant at the authorization server",
    invalid_grant: ". The assertion is not accepted: check its issuer, audience and expiry",
    invalid_scope: ". Check MCP_SCOPE",
    invalid_target: ". Check MCP_RESOURCE",
  })),
  endpoint: "Check that MCP_AUTH_SERVER_URL is the token endpoint",
  endpointSetting: "MCP_AUTH_SERVER_URL",
  credentialSettings: "MCP_CLIENT_SECRET or MCP_PRIVATE_KEY_FILE",
};

/** For the identity provider of the enterprise-managed grant, where the client is another one. */
export const IDENTITY_PROVIDER: Advice = {
  codes: new Map(Object.entries({
    invalid_client: ". Check MCP_IDP_CLIENT_ID and MCP_IDP_CLIENT_SECRET",
    invalid_grant:
      ". The identity provider does not accept the token of MCP_ID_TOKEN_FILE or _COMMAND",
  })),
  endpoint: "Check MCP_IDP_TOKEN_URL or MCP_IDP_ISSUER",
  endpointSetting: "MCP_IDP_TOKEN_URL",
  credentialSettings: "MCP_IDP_CLIENT_SECRET",
};

/**
 * The error for an answer with an OAuth error in it.
 *
 * @param assertionFor the audience of the assertion that the client signed, if it signed one
 */
export function refusal(
  { endpoint, status }: TokenResponse,
  { code, description }: OAuthError,
  { codes }: Advice,
  assertionFor?: string,
): ProxyError {
  const words = description ? ` (${description})` : "";
  const audience = code === "invalid_client" && assertionFor !== undefined
    ? adviceOnAudience(assertionFor, endpoint)
    : "";
  const hint = `${codes.get(code) ?? ""}${audience}`;
  return failure(`${status} ${code}${words} from ${endpoint}${hint}`, {
    status,
    oauthError: code,
  });
}

/** Some servers accept only their issuer as audience, others only their token endpoint. */
function adviceOnAudience(audience: string, endpoint: string): string {
  const other = audience === endpoint
    ? "issuer (with MCP_AUTH_ISSUER)"
    : `token-endpoint (${endpoint})`;
  return `. The audience of the assertion is ${audience}: if the server expects another one, ` +
    `set MCP_ASSERTION_AUDIENCE=${other}`;
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
  return failure(
    `${endpoint} redirects (${status}) to ${to}, which is not followed: the request has the ` +
      `client's credential in it. If that is the token endpoint, set ${endpointSetting}=${safe}`,
    { status },
  );
}

/** The error for an answer that is neither a token nor an OAuth error. */
export function unusable(
  { endpoint, status, contentType }: TokenResponse,
  problem: string,
  hint: string,
): ProxyError {
  const what = isSuccess(status)
    ? `${endpoint} answered ${status} (${contentType}) without a usable token: ${problem}`
    : `${endpoint} answered ${status} (${contentType}), which is not an OAuth error`;
  return failure(`${what}. ${hint}`, { status });
}

/** An error about a token request, of which nothing has reached the MCP server. */
export function failure(
  problem: string,
  details: { status?: number; oauthError?: string } = {},
): ProxyError {
  return new ProxyError("token", `OAuth token fetch failed: ${problem}`, {
    ...details,
    mayHaveRun: false,
  });
}
