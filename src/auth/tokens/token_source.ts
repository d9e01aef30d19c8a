/** Keeps one token, and renews it before it expires. */

import type { TokenSet } from "./token_set.ts";
import { RENEW_BEFORE } from "../../limits.ts";

/** Where a request gets its token. */
export interface TokenSource {
  /** The token to send now, at once if one is held. Rejects with the error of the token request. */
  get(): TokenSet | Promise<TokenSet>;
  /** Whether `token` is the current one. */
  holds(token: TokenSet): boolean;
  /** Drops a token that the MCP server refused. */
  refuse(token: TokenSet): void;
}

/** Milliseconds before its end at which a token with a lifetime in milliseconds is renewed. */
export function renewalMargin(life: number): number {
  return Math.min(RENEW_BEFORE, life / 2);
}

/** Milliseconds between two attempts to renew a token in the background. */
const RENEW_PAUSE = 5_000;

/**
 * Keeps one token and renews it. There is one request however many callers wait, and nobody waits
 * while the old token is good. Only use causes renewal: an idle proxy requests no tokens.
 *
 * @param request gets a token; its argument is the token before, which was refused or has expired
 * @param now the time in milliseconds
 */
export function createTokenSource(
  request: (previous?: TokenSet) => Promise<TokenSet>,
  now: () => number = Date.now,
): TokenSource {
  let held: { token: TokenSet; renewAt: number; expiresAt: number } | undefined;
  let latest: TokenSet | undefined;
  let renewal: Promise<TokenSet> | undefined;

  function renew(): Promise<TokenSet> {
    renewal ??= request(latest).then(hold).finally(() => renewal = undefined);
    return renewal;
  }

  function hold(token: TokenSet): TokenSet {
    latest = token;
    // A server need not say how long a token lives (RFC 6749); it is then used until it is refused.
    const life = token.expiresIn && token.expiresIn > 0 ? token.expiresIn * 1000 : Infinity;
    const expiresAt = now() + life;
    held = { token, expiresAt, renewAt: expiresAt - renewalMargin(life) };
    return token;
  }

  return {
    get() {
      if (!held || now() >= held.expiresAt) return renew();
      if (now() >= held.renewAt && !renewal) {
        held.renewAt = now() + RENEW_PAUSE;
        renew().catch(() => {}); // The token client has logged why; the token is still good.
      }
      return held.token;
    },
    holds: (token) => held?.token === token,
    refuse(token) {
      if (held?.token === token) held = undefined;
    },
  };
}
