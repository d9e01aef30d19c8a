import { explanationOf, messageOf, ProxyError, rethrowFault } from "../../errors.ts";
import { isSuccess } from "../../http/http.ts";
import { objectIn } from "../../json/value.ts";
import type { Log } from "../../log/log.ts";
import { onceEach } from "../../log/once_each.ts";
import type { HttpClient } from "../../runtime/types.ts";
import type { Advice, Attempt } from "../client/advice.ts";
import { failure, redirected, refusal, unusable } from "../client/token_errors.ts";
import {
  chooseMethod,
  type ClientAuthentication,
  type Credentials,
  UNLISTED,
} from "../client/client_authentication.ts";
import type { Clock } from "../client/clock.ts";
import type { DPoP } from "../client/dpop.ts";
import type { OnAuthEvent } from "../events.ts";
import type { AuthorizationServer } from "../oauth4webapi.ts";
import { TransientError, withRetry } from "./retry.ts";
import type { Target } from "./target.ts";
import { oauthErrorOf, readTokenAnswer } from "./token_answer.ts";
import { postForm, tokenEndpointOf } from "./token_endpoint.ts";
import type { TokenSet } from "./token_set.ts";
import { TOKEN_RETRY } from "../../limits.ts";

/** What a grant adds to a token request. */
export interface GrantRequest {
  /** `grant_type` (RFC 6749 section 4). */
  readonly grantType: string;
  /** Its own parameters. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The type of token that a token exchange gives instead of an access token (RFC 8693). */
  readonly issuedTokenType?: string;
}

/** A client of authorization servers: who it is, and what it can prove that with. */
export interface TokenClientOptions {
  /** Its ID. */
  readonly clientId: string;
  readonly credentials: Credentials;
  /** Reads the credentials again after a refusal. @returns whether one has changed */
  readonly renewCredentials?: () => Promise<boolean>;
  /** The user's choice of client authentication method. */
  readonly authMethod?: string;
  /** The audience of assertions: `issuer`, `token-endpoint` or a URL. @default "issuer" */
  readonly audience?: string;
  /** The time for assertions. */
  readonly clock: Clock;
  /** Whether the grant is a credential by itself, so that the client may have none (RFC 7523). */
  readonly needsNoCredential?: boolean;
  /** Parameters that the user adds to each request. */
  readonly tokenParams?: URLSearchParams;
  /** Whether connections have a client certificate. */
  readonly mutualTls?: boolean;
  /** Creates the key that tokens are bound to; absent for bearer tokens. */
  readonly dpop?: () => Promise<DPoP>;
  /** Milliseconds for one token, with all attempts. */
  readonly timeout: number;
  /** What the user can do about errors. */
  readonly advice: Advice;
  readonly http: HttpClient;
  /** Takes each token request and its success. */
  readonly onEvent?: OnAuthEvent;
  readonly log: Log;
}

/** Requests tokens from authorization servers. */
export interface TokenClient {
  /** How the client would authenticate at a server; `undefined` if it cannot. */
  methodAt(server: AuthorizationServer): ClientAuthentication | undefined;
  /** Whether a server's metadata offers all that the client needs. */
  supports(server: AuthorizationServer, grantType: string): boolean;
  /**
   * Sends one token request.
   *
   * @param left milliseconds that are left for it
   * @throws {TransientError} if another attempt may succeed
   * @throws {ProxyError} if the answer is final
   */
  send(target: Target, request: GrantRequest, left: number): Promise<TokenSet>;
  /**
   * Requests a token until there is one or a final refusal, within the budget of one token.
   *
   * @param create creates the request of each attempt, since an assertion is valid only once
   * @throws {ProxyError} with reason `token`
   */
  obtain(
    target: Target,
    grantType: string,
    create: (left: number) => Promise<GrantRequest>,
  ): Promise<TokenSet>;
}

/** Creates a {@linkcode TokenClient}. */
export function createTokenClient(options: TokenClientOptions): TokenClient {
  const { clientId, credentials, authMethod, mutualTls = false, dpop, advice, clock, http, log } =
    options;
  const { onEvent = () => {} } = options;
  const { tokenParams = [], renewCredentials = () => Promise.resolve(false) } = options;
  const warnOnce = onceEach(
    (message) => log.warn("OAuth", message),
    "More token answers break the standard; they are not listed here",
  );

  function methodsOf(server: AuthorizationServer): readonly string[] {
    const listed = server.token_endpoint_auth_methods_supported ?? UNLISTED;
    return options.needsNoCredential ? [...listed, "none"] : listed;
  }

  function methodAt(server: AuthorizationServer): ClientAuthentication | undefined {
    return chooseMethod(credentials, methodsOf(server), authMethod);
  }

  function supports(server: AuthorizationServer, grantType: string): boolean {
    const chosen = methodAt(server);
    const grants = server.grant_types_supported;
    return chosen !== undefined && methodsOf(server).includes(chosen.method) &&
      (grants === undefined || grants.includes(grantType)) &&
      (!dpop || server.dpop_signing_alg_values_supported !== undefined);
  }

  /** One request and its answer. Each attempt has its own, since an assertion is valid only once. */
  async function exchange(target: Target, request: GrantRequest, left: number) {
    const { server, scope, resource } = target;
    const chosen = methodAt(server);
    if (!chosen) throw noMethod(server, advice);
    const endpoint = tokenEndpointOf(server, mutualTls);
    const form = new URLSearchParams([
      ...tokenParams,
      ...Object.entries(request.parameters),
      ...scope ? [["scope", scope]] : [],
      ...resource ? [["resource", resource]] : [],
      ["grant_type", request.grantType],
    ]);
    const headers: Record<string, string> = {};
    const audience = audienceOf(server, endpoint, options.audience);
    const issuedAt = clock.now();
    await chosen.authenticate({ server, clientId, audience, issuedAt, form, headers });
    const proof = await dpop?.();
    const send: HttpClient = proof ? (one) => proof.sendTokenRequest(one, http) : http;
    const response = await postForm({ endpoint, form, headers }, send, left);
    const sent: Attempt = {
      endpoint,
      target,
      method: chosen.method,
      grantType: request.grantType,
      hasProof: proof !== undefined,
      assertionFor: chosen.signs ? audience : undefined,
      isEncoded: isEncoded(headers.authorization),
    };
    return { response, sent };
  }

  async function send(target: Target, request: GrantRequest, left: number): Promise<TokenSet> {
    const { issuedTokenType } = request;
    const tokenType = issuedTokenType ? "n_a" : dpop ? "dpop" : "bearer";
    for (let attempt = 1;; attempt++) {
      const { response, sent } = await exchange(target, request, left);
      const members = objectIn(response.text);
      const error = oauthErrorOf(members);
      // The nonce came with the refusal; the next proof has it (RFC 9449 section 8).
      if (dpop && error?.code === "use_dpop_nonce" && attempt === 1) continue;
      if (error && attempt === 1 && mayBeTheClock(error.code, sent.assertionFor !== undefined)) {
        if (clock.learnFrom(response.date, response.endpoint)) continue;
      }
      if (error) throw refusal(response, error, advice, sent);
      const { location, status } = response;
      if (location !== undefined && status < 400 && !isSuccess(status)) {
        throw redirected(response, location, advice);
      }
      const hint = target.hint ?? advice.endpoint;
      if (!isSuccess(status)) throw unusable(response, "", hint);
      try {
        const { tokens, oddities } = readTokenAnswer(members, { tokenType, issuedTokenType });
        warnOf(oddities, response.endpoint);
        return tokens;
      } catch (error) {
        rethrowFault(error);
        throw unusable(response, messageOf(error), hint);
      }
    }
  }

  /** Whether a refusal can mean that the times of an assertion or of a proof are wrong. */
  function mayBeTheClock(code: string, isSigned: boolean): boolean {
    return dpop !== undefined && code === "invalid_dpop_proof" ||
      isSigned && ["invalid_client", "invalid_grant", "invalid_request"].includes(code);
  }

  function warnOf(oddities: readonly string[], endpoint: string): void {
    for (const oddity of oddities) {
      warnOnce(`The token answer of ${endpoint} breaks the standard: ${oddity}`);
    }
  }

  /** Reads the credentials again. Those that cannot be read have not changed. */
  async function hasNewCredential(): Promise<boolean> {
    try {
      return await renewCredentials();
    } catch (error) {
      rethrowFault(error);
      return false;
    }
  }

  /** The credential may have changed at its source since it was read. */
  async function withFreshCredential(attempt: () => Promise<TokenSet>): Promise<TokenSet> {
    try {
      return await attempt();
    } catch (error) {
      const refused = error instanceof ProxyError && isWrongCredential(error.details.oauthError);
      if (!refused || !await hasNewCredential()) throw error;
      return await attempt();
    }
  }

  async function obtain(
    target: Target,
    grantType: string,
    create: (left: number) => Promise<GrantRequest>,
  ): Promise<TokenSet> {
    const { server } = target;
    const chosen = methodAt(server);
    if (!chosen) throw noMethod(server, advice);
    onEvent({ type: "token_requested", target, method: chosen.method, grantType });
    const attempt = (left: number) => {
      const end = Date.now() + left;
      const remaining = () => Math.max(end - Date.now(), 1);
      return withFreshCredential(async () =>
        await send(target, await create(remaining()), remaining())
      );
    };
    try {
      const tokens = await withRetry(attempt, {
        ...TOKEN_RETRY,
        within: options.timeout,
        onRetry: (error, delay) =>
          log.warn("OAuth", `${error.problem}; retrying in ${Math.ceil(delay / 1000)}s`),
      });
      onEvent({ type: "token_received", tokens, isBound: dpop !== undefined });
      return tokens;
    } catch (error) {
      rethrowFault(error);
      const known = error instanceof ProxyError
        ? error
        : unanswered(error, tokenEndpointOf(server, mutualTls));
      log.error("OAuth", `Failed to fetch token: ${known.message}`);
      throw known;
    }
  }

  return { methodAt, supports, send, obtain };
}

/** Whether a Basic credential has percent-encoded characters (RFC 6749 section 2.3.1). */
function isEncoded(authorization = ""): boolean {
  return authorization.startsWith("Basic ") && /[%+]/.test(atob(authorization.slice(6)));
}

/** Who an assertion is for (RFC 7523 section 3): most servers want their issuer there. */
function audienceOf(server: AuthorizationServer, endpoint: string, wanted = "issuer"): string {
  if (wanted === "issuer") return server.issuer;
  return wanted === "token-endpoint" ? endpoint : wanted;
}

/**
 * Whether an OAuth error can mean a wrong credential. Keycloak answers a wrong secret with
 * `unauthorized_client`.
 */
export function isWrongCredential(code: string | undefined): boolean {
  return code === "invalid_client" || code === "unauthorized_client";
}

/** The error for a server that could not be reached, or that is out of order. */
function unanswered(error: unknown, endpoint: string): ProxyError {
  const status = error instanceof TransientError ? error.status : undefined;
  const { problem, hint } = explanationOf(error);
  return failure({ problem: `${problem} (token endpoint ${endpoint})`, hint }, { status }, error);
}

function noMethod(server: AuthorizationServer, { credentialSettings }: Advice): ProxyError {
  const methods = (server.token_endpoint_auth_methods_supported ?? UNLISTED).join(", ");
  return failure({
    problem: `${server.issuer} accepts only ${methods}, and no credential for that is set`,
    hint: `Set ${credentialSettings}`,
  });
}
