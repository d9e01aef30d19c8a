import { ProxyError } from "../errors.ts";
import type { Log } from "../log/log.ts";
import type { HttpRequest, HttpResponse } from "../runtime/types.ts";
import type { Challenge } from "./discovery/challenge.ts";
import { DiscoveryError } from "./discovery/discovery_error.ts";
import { TransientError } from "./tokens/retry.ts";
import { sameTarget, type Target, union } from "./tokens/target.ts";
import type { TokenSet } from "./tokens/token_set.ts";
import { isWrongCredential } from "./tokens/token_client.ts";
import type { TokenSource } from "./tokens/token_source.ts";

/** How requests to the MCP server are authorized. */
export interface Authorization {
  /** The token to send now, at once if one is held; `undefined` while the server has asked for none. */
  token(): TokenSet | undefined | Promise<TokenSet | undefined>;
  /**
   * Takes in that the server refused a request.
   *
   * @param token what the request carried
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
  /** From a challenge to a target; `undefined` if it is not a challenge. */
  readonly discover: (challenge: Challenge) => Promise<Target | undefined>;
  /**
   * Finds the target before the server asks for a token; absent if its challenge is needed. Rejects
   * with a {@linkcode DiscoveryError}.
   */
  readonly foresee?: () => Promise<Target | undefined>;
  /** Whether credentials that one authorization server had may go to another one. */
  readonly mayFollow: (target: Target) => boolean;
  /** Tokens for a target; nothing is asked for before they are needed. */
  readonly tokensFor: (target: Target) => TokenSource;
  readonly send?: Authorization["send"];
  /** The most scopes that are requested, whatever the MCP server asks for: the user's own. */
  readonly maxScope?: string;
  readonly log: Log;
  /** The time in milliseconds. */
  readonly now?: () => number;
}

/** Milliseconds after which scopes that were refused are worth asking for again. */
const REFUSAL_LASTS = 300_000;
/** Different scopes that a server can make the proxy request, in the life of the process. */
const MAX_STEP_UPS = 10;
/** Characters of the scope that these add up to. */
const MAX_SCOPE = 1_000;
/** New tokens for a server that refuses each one, in so many milliseconds. */
const MAX_RENEWALS = 5;
const RENEWALS_WITHIN = 60_000;

/** Creates the authorization of one MCP server. */
export function createAuthorization(options: AuthorizationOptions): Authorization {
  const { discover, mayFollow, tokensFor, send, maxScope, log, now = Date.now } = options;
  let { foresee } = options;
  /** The first token, requested before the server asks for one. */
  let first: Promise<void> | undefined;
  let current = options.target && open(options.target);
  /** Until when scopes that the authorization server has refused are not asked for again. */
  const refused = new Map<string, number>();
  /** Scopes that were requested since the server asked for more. */
  const steps = new Set<string>();
  /** When tokens that the server refused were replaced lately. */
  let renewals: readonly number[] = [];
  /** What is being done about a challenge, however many messages meet it. */
  const answers = new Map<string, Promise<boolean>>();
  let latest: Promise<unknown> = Promise.resolve();

  function isRefused(scope: string): boolean {
    return now() < (refused.get(scope) ?? 0);
  }

  function open(target: Target) {
    return { target, tokens: tokensFor(target) };
  }

  /** A target that gives a token; of one that gives none, nothing is kept, so that it can change. */
  async function tried(target: Target) {
    const opened = open(target);
    await opened.tokens.get();
    return opened;
  }

  /**
   * Gets a token before the server asks for one, since some servers answer without and never ask. If
   * that fails because the server's challenge is needed, the first request goes without a token.
   */
  async function getFirst(): Promise<void> {
    try {
      const found = await foresee?.();
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
    foresee = undefined;
  }

  function token(): TokenSet | undefined | Promise<TokenSet | undefined> {
    if (current || !foresee) return current?.tokens.get();
    first ??= getFirst().finally(() => first = undefined);
    return first.then(() => current?.tokens.get());
  }

  /** Whether what is held now is newer than what was refused, and asked for with what is missing. */
  function isMet({ error, scope }: Challenge, token: TokenSet | undefined): boolean {
    if (!token) return current !== undefined;
    const held = current!.target.scope;
    const lacks = error === "insufficient_scope" && union(held, scope) !== union(held, undefined);
    return !lacks && !current!.tokens.holds(token);
  }

  /** Answers are given one after the other: the second may find that the first was enough. */
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

  /** Whether a refused token may be replaced; a server that refuses each one gets no more of them. */
  function mayRenew(): boolean {
    renewals = renewals.filter((time) => now() - time < RENEWALS_WITHIN);
    if (renewals.length >= MAX_RENEWALS) return false;
    renewals = [...renewals, now()];
    return true;
  }

  /** A first or a new token, from whomever the server names now. */
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
      const target = { ...found, scope: union(before.scope, found.scope) };
      if (!sameTarget(target, before)) current = await tried(target);
    }
    return true;
  }

  /** The server has a new authorization server, to which a secret of the old one does not go. */
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

  /** Whether the server has not yet asked for too many scopes. */
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

  /** "Step-Up Authorization Flow": the scopes so far and those that are missing. */
  async function stepUp(missing: string | undefined): Promise<boolean> {
    const { target } = current!;
    const scope = union(target.scope, missing);
    if (scope === undefined || scope === target.scope || isRefused(scope)) return false;
    if (maxScope !== undefined) throw beyond(missing!, maxScope);
    if (!mayStepUp(scope)) return false;
    try {
      current = await tried({ ...target, scope });
      return true;
    } catch (error) {
      // What is held stays, for the messages that it is enough for.
      if (!(error instanceof ProxyError) || !error.details.oauthError) throw error;
      refused.set(scope, now() + REFUSAL_LASTS);
      throw new ProxyError(
        "token",
        `The MCP server requires the scope "${missing}", but the token request failed: ${error.message}`,
        error.details,
      );
    }
  }

  return { token, challenged, send };
}

/**
 * Whether a token may be had with what the server's challenge says: its own metadata, scopes and
 * resource. A wrong credential or a server that is not there is reported at once.
 */
function needsChallenge(error: unknown): boolean {
  if (!(error instanceof ProxyError) || error.cause instanceof TransientError) return false;
  const { oauthError } = error.details;
  if (oauthError !== undefined) return !isWrongCredential(oauthError);
  return error instanceof DiscoveryError;
}

/** The server asks for more than the user allows. */
function beyond(missing: string, maxScope: string): ProxyError {
  const scopes = missing.split(/\s+/).filter((scope) => !maxScope.split(/\s+/).includes(scope));
  return new ProxyError(
    "unauthorized",
    `MCP server returned: 403: the access token lacks the scope "${
      scopes.join(" ")
    }", and MCP_SCOPE ` +
      `allows only "${maxScope}". If the server may have it, add it to MCP_SCOPE`,
    { status: 403, mayHaveRun: false },
  );
}
