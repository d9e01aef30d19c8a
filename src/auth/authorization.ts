import { explanationOf, ProxyError } from "../errors.ts";
import type { Log } from "../log/log.ts";
import type { HttpRequest, HttpResponse } from "../runtime/types.ts";
import type { Challenge } from "./discovery/challenge.ts";
import { DiscoveryError } from "./discovery/discovery_error.ts";
import { TransientError } from "./tokens/retry.ts";
import { sameTarget, type Target, union } from "./tokens/target.ts";
import type { TokenSet } from "./tokens/token_set.ts";
import { isWrongCredential } from "./tokens/token_client.ts";
import type { TokenSource } from "./tokens/token_source.ts";
import { MAX_RENEWALS, MAX_SCOPE, MAX_STEP_UPS, RENEWALS_WITHIN } from "../limits.ts";

/** How requests to the MCP server are authorized. */
export interface Authorization {
  /** The token to send now, at once if one is held; `undefined` while the server has asked for none. */
  token(): TokenSet | undefined | Promise<TokenSet | undefined>;
  /**
   * Reacts to a request that the server refused.
   *
   * @param token the token of that request
   * @returns whether another attempt may succeed
   * @throws {ProxyError} if no token can be had
   */
  challenged(challenge: Challenge, token: TokenSet | undefined): Promise<boolean>;
  /** Sends a request with a token that is bound to a key; absent for bearer tokens. */
  readonly send?: (request: HttpRequest, token: TokenSet) => Promise<HttpResponse>;
}

/** What an authorization is made of. */
export interface AuthorizationOptions {
  /** The authorization server to use before the MCP server names one; absent if unknown. */
  readonly target?: Target;
  /** Finds the target for a challenge; `undefined` if the refusal was not a challenge. */
  readonly discover: (challenge: Challenge) => Promise<Target | undefined>;
  /**
   * Finds the target before the server asks for a token; absent if only a challenge can name it.
   * Rejects with a {@linkcode DiscoveryError}.
   */
  readonly discoverUnasked?: () => Promise<Target | undefined>;
  /** Whether a credential that one authorization server received may go to another one. */
  readonly mayFollow: (target: Target) => boolean;
  /** Tokens for a target; none is requested before it is needed. */
  readonly tokensFor: (target: Target) => TokenSource;
  readonly send?: Authorization["send"];
  /** The scopes of `MCP_SCOPE`; the MCP server cannot make the proxy request others. */
  readonly maxScope?: string;
  readonly log: Log;
  /** The time in milliseconds. */
  readonly now?: () => number;
}

/** Milliseconds in which scopes that were refused are not requested again. */
const REFUSAL_LASTS = 300_000;

/** Creates the authorization of one MCP server. */
export function createAuthorization(options: AuthorizationOptions): Authorization {
  const { discover, mayFollow, tokensFor, send, maxScope, log, now = Date.now } = options;
  let { discoverUnasked } = options;
  /** The first token, requested before the server asks for one. */
  let first: Promise<void> | undefined;
  let current = options.target && open(options.target);
  /** Scopes that the authorization server has refused: how, and until when they are not requested again. */
  const refused = new Map<string, { until: number; error: ProxyError }>();
  /** Scopes that were requested since the server asked for more. */
  const steps = new Set<string>();
  /** The times at which refused tokens were replaced lately. */
  let renewals: readonly number[] = [];
  /** The reactions to challenges that are under way, one for all messages with the same challenge. */
  const answers = new Map<string, Promise<boolean>>();
  let latest: Promise<unknown> = Promise.resolve();

  function open(target: Target) {
    return { target, tokens: tokensFor(target) };
  }

  /** Gets the first token of a target, which becomes the current one only if it gives one. */
  async function tried(target: Target) {
    const opened = open(target);
    await opened.tokens.get();
    return opened;
  }

  /**
   * Gets a token before the server asks for one, since some servers also answer without and never ask.
   * If that needs the server's challenge, the first request is sent without a token.
   */
  async function getFirst(): Promise<void> {
    try {
      const found = await discoverUnasked?.();
      if (found) {
        log.info("OAuth", `Authorization server: ${found.server.issuer}`);
        current = await tried(found);
      }
    } catch (error) {
      if (!needsChallenge(error)) throw error;
      log.info(
        "OAuth",
        "The first request is sent without a token, to see what the server asks for",
      );
    }
    discoverUnasked = undefined;
  }

  function token(): TokenSet | undefined | Promise<TokenSet | undefined> {
    if (current || !discoverUnasked) return current?.tokens.get();
    first ??= getFirst().finally(() => first = undefined);
    return first.then(() => current?.tokens.get());
  }

  /** Whether the current token is newer than the refused one, and has the scopes that it lacked. */
  function isMet({ error, scope }: Challenge, token: TokenSet | undefined): boolean {
    if (!token || !current) return current !== undefined;
    const held = current.target.scope;
    const lacks = error === "insufficient_scope" && union(held, scope) !== union(held, undefined);
    return !lacks && !current.tokens.holds(token);
  }

  /** Reactions run one after the other: the second may find that the first was enough. */
  function challenged(challenge: Challenge, token: TokenSet | undefined): Promise<boolean> {
    if (isMet(challenge, token)) return Promise.resolve(true);
    const key = JSON.stringify(challenge);
    const known = answers.get(key);
    if (known) return known;
    const answer = latest.then(() => isMet(challenge, token) || answerTo(challenge, token))
      .finally(() => answers.delete(key));
    latest = answer.catch(() => {});
    answers.set(key, answer);
    return answer;
  }

  function answerTo(challenge: Challenge, token: TokenSet | undefined): Promise<boolean> {
    return token && challenge.error === "insufficient_scope"
      ? stepUp(challenge.scope)
      : begin(challenge, token);
  }

  /** Whether a refused token may be replaced; a server that refuses each one gets no more. */
  function mayRenew(): boolean {
    renewals = renewals.filter((time) => now() - time < RENEWALS_WITHIN);
    if (renewals.length >= MAX_RENEWALS) return false;
    renewals = [...renewals, now()];
    return true;
  }

  /** Gets the first or a new token from the authorization server that the MCP server names now. */
  async function begin(challenge: Challenge, token: TokenSet | undefined): Promise<boolean> {
    if (token && !mayRenew()) return false;
    const found = await discover(challenge);
    if (!found) return false;
    if (!current || !token) {
      log.info("OAuth", `Authorization server: ${found.server.issuer}`);
      current = await tried(found);
      return true;
    }
    const before = current.target;
    current.tokens.refuse(token);
    if (found.server.issuer !== before.server.issuer) await follow(found, before);
    else {
      const scope = union(before.scope, found.scope);
      const mayHave = scope === undefined || scope === union(before.scope, undefined) ||
        mayStepUp(scope);
      const target = { ...found, scope: mayHave ? scope : before.scope };
      if (!sameTarget(target, before)) current = await tried(target);
    }
    return true;
  }

  /** Changes to another authorization server, which must not receive a secret of the first one. */
  async function follow(target: Target, before: Target): Promise<void> {
    const change = `The MCP server's authorization server is now ${target.server.issuer}, no ` +
      `longer ${before.server.issuer}`;
    if (!mayFollow(target)) {
      throw new ProxyError(
        "token",
        `${change}; the credential belongs to the old one. If the change is right, set MCP_AUTH_ISSUER to the new one`,
        { mayHaveRun: false },
      );
    }
    log.warn("OAuth", `${change}; set MCP_AUTH_ISSUER to accept only one`);
    current = await tried(target);
  }

  /** Whether the server may make the proxy request more scopes. */
  function mayStepUp(scope: string): boolean {
    if (steps.has(scope)) return true;
    if (steps.size >= MAX_STEP_UPS || scope.length > MAX_SCOPE) {
      log.warn(
        "OAuth",
        "The MCP server keeps asking for more scopes; no more are requested. Set MCP_SCOPE to the scopes that it needs",
      );
      return false;
    }
    steps.add(scope);
    return true;
  }

  /** Requests a token with the scopes so far and those that are missing ("Step-Up Authorization Flow"). */
  async function stepUp(missing = ""): Promise<boolean> {
    if (!current) return false;
    const { target } = current;
    const scope = union(target.scope, missing);
    if (scope === undefined || scope === target.scope) return false;
    if (maxScope !== undefined) throw beyond(missing, maxScope);
    const refusal = refused.get(scope);
    if (refusal && now() < refusal.until) throw refusal.error;
    if (!mayStepUp(scope)) return false;
    try {
      current = await tried({ ...target, scope });
      return true;
    } catch (error) {
      // The current token stays, for messages that need no more.
      if (!(error instanceof ProxyError) || !error.details.oauthError) throw error;
      const { problem, hint } = explanationOf(error);
      const during = `The MCP server requires the scope "${missing}", and the token request`;
      const reported = new ProxyError("token", { during, problem, hint }, error.details, error);
      refused.set(scope, { until: now() + REFUSAL_LASTS, error: reported });
      throw reported;
    }
  }

  return { token, challenged, send };
}

/**
 * Whether the server's challenge may help to get a token, since it can name other metadata and other
 * scopes. A wrong credential and a server that does not answer are reported at once.
 */
function needsChallenge(error: unknown): boolean {
  if (!(error instanceof ProxyError) || error.cause instanceof TransientError) return false;
  const { oauthError } = error.details;
  if (oauthError !== undefined) return !isWrongCredential(oauthError);
  return error instanceof DiscoveryError;
}

/** The error for a server that asks for scopes which the user does not allow. */
function beyond(missing: string, maxScope: string): ProxyError {
  const scopes = missing.split(/\s+/).filter((scope) => !maxScope.split(/\s+/).includes(scope));
  return new ProxyError(
    "unauthorized",
    {
      problem:
        `MCP server returned: 403: the access token lacks the scope "${scopes.join(" ")}", ` +
        `and MCP_SCOPE allows only "${maxScope}"`,
      hint: "If the server may have it, add it to MCP_SCOPE",
    },
    { status: 403, mayHaveRun: false },
  );
}
