import { covers } from "../../auth/discovery/protected_resource.ts";
import type { Challenge } from "../../auth/discovery/challenge.ts";
import { type Target, union } from "../../auth/tokens/target.ts";
import type { ErrorDetails, Reason } from "../../errors.ts";
import type { HttpClient } from "../../runtime/types.ts";
import type { Settings } from "../../settings/settings.ts";
import { discoveredEndpoint, likelyEndpoint } from "./other_endpoints.ts";
import { textsOfClaim, type TokenFacts } from "./token_facts.ts";

/** What is known about a failed step. */
export interface Circumstances {
  readonly settings: Settings;
  /** The error of the step. */
  readonly error: { readonly reason?: Reason } & ErrorDetails;
  /** The server's latest challenge. */
  readonly challenge?: Challenge;
  /** The error's own advice. */
  readonly hint?: string;
  /** The token request. */
  readonly target?: Target;
  /** The facts of the token. */
  readonly token?: TokenFacts;
  /** Whether the latest HTTP request went to the token endpoint. */
  readonly hasAskedForToken: boolean;
  /** Sends without credentials. */
  readonly http: HttpClient;
  /** The time in milliseconds. */
  readonly now: () => number;
}

/** Advice that needs more requests, or facts that only a check has. */
const ADVICE: readonly {
  /** Whether the advice applies. */
  fits(circumstances: Circumstances): boolean;
  /** What to do, a line each. */
  give(circumstances: Circumstances): string[] | Promise<string[]>;
}[] = [
  {
    // The endpoint may be wrong: it was not reached, or it did not answer like a token endpoint.
    fits: ({ error, settings, hasAskedForToken }) =>
      error.reason === "token" && !error.oauthError && hasAskedForToken &&
      settings.authServerUrl instanceof URL,
    give: async ({ settings, challenge, http }) => {
      const endpoint = await discoveredEndpoint(settings, challenge, http);
      if (!endpoint) {
        return [
          `Check that MCP_AUTH_SERVER_URL is the token endpoint: ${settings.authServerUrl}`,
        ];
      }
      return [
        "The MCP server publishes another token endpoint: unset MCP_AUTH_SERVER_URL, or set " +
        `MCP_AUTH_SERVER_URL=${endpoint}`,
      ];
    },
  },
  {
    fits: ({ error, token, settings }) =>
      error.status === 401 && token !== undefined && settings.grant !== "token",
    give: refusedToken,
  },
  {
    fits: ({ error, challenge }) => error.status === 403 && challenge?.scope !== undefined,
    give: ({ challenge, token, settings: { scope } }) => [
      `The token has ${token?.scope ? `the scope "${token.scope}"` : "no scope"}: allow this ` +
      `client the scope "${challenge?.scope}" at the authorization server, and set ` +
      `MCP_SCOPE="${union(scope, challenge?.scope)}"`,
    ],
  },
  {
    fits: ({ error }) => error.reason === "http_status" || error.reason === "bad_response",
    give: async ({ settings, http }) => {
      const url = await likelyEndpoint(settings.serverUrl, http);
      return url ? [`An MCP endpoint answers at another path: set MCP_SERVER_URL=${url}`] : [];
    },
  },
];

/** What to do about an error; the error's own advice if a check knows nothing better. */
export async function adviceFor(circumstances: Circumstances): Promise<string[]> {
  const { hint } = circumstances;
  const advice = await ADVICE.find(({ fits }) => fits(circumstances))?.give(circumstances) ?? [];
  return advice.length > 0 || hint === undefined ? advice : [hint];
}

/** Why the server may refuse this token, by its claims. */
function refusedToken(circumstances: Circumstances): string[] {
  const { token: { claims, scope } = {}, settings, target, challenge, now } = circumstances;
  if (challenge?.requiresProof && !settings.dpop) {
    return ["The server requires tokens that are bound by DPoP: set MCP_DPOP=true"];
  }
  if (!claims) {
    return [
      "The token is opaque, so its audience is unknown. Ask the operator of the server which issuer and " +
      "audience it accepts; then set MCP_RESOURCE, or MCP_TOKEN_PARAMS=audience=…",
    ];
  }
  const advice: string[] = [];
  const audiences = textsOfClaim(claims.aud);
  if (!audiences.some((audience) => covers(audience, settings.serverUrl))) {
    advice.push(...aboutAudience(audiences, settings, target?.resource));
  }
  const seconds = now() / 1000;
  if (Number(claims.nbf ?? claims.iat) > seconds + 5 || Number(claims.exp) < seconds) {
    advice.push("The token is not valid now: check the clock of this machine");
  }
  const first = advice.length > 0
    ? "If that does not help,"
    : "The audience and the lifetime of the token are right, so probably";
  advice.push(
    `${first} the server does not accept the issuer ${claims.iss ?? "(none)"} or the scope ` +
      `"${scope ?? ""}": check MCP_AUTH_SERVER_URL and MCP_SCOPE`,
  );
  return advice;
}

/** @param requested the resource of the token request, which the server may have ignored */
function aboutAudience(
  audiences: readonly string[],
  { serverUrl }: Settings,
  requested: string | undefined,
): string[] {
  const problem = audiences.length === 0
    ? "The token has no audience (aud)"
    : `The token is for ${audiences.join(", ")} (aud), not for this server`;
  const isIgnored = requested !== undefined && covers(requested, serverUrl);
  return isIgnored
    ? [
      `${problem}, although the token request named the resource ${requested}: configure the ` +
      "audience at the authorization server (Keycloak: an audience mapper in a client scope of " +
      "this client)",
      "If the authorization server accepts an audience parameter, set " +
      `MCP_TOKEN_PARAMS=audience=${serverUrl}`,
    ]
    : [
      `${problem}: set MCP_RESOURCE=${serverUrl}`,
      "If the authorization server expects an audience parameter instead, set " +
      `MCP_TOKEN_PARAMS=audience=${serverUrl}`,
    ];
}
