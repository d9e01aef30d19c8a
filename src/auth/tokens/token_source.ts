import type { TokenSet } from "./token_set.ts";

/** Where a request gets its token. */
export interface TokenSource {
  /** A token to send now, at once if one is held. Rejects with what made the token request fail. */
  get(): TokenSet | Promise<TokenSet>;
  /** Whether `token` is the one that {@linkcode get} hands out. */
  holds(token: TokenSet): boolean;
  /** Says that the MCP server refused `token`, so that it is not handed out again. */
  refuse(token: TokenSet): void;
}

/** A token is renewed this long before its end, or at half its life if that is shorter. */
const RENEW_BEFORE = 30_000;

/** Milliseconds before its end at which a token that lives so long is renewed. */
export function renewalMargin(life: number): number {
  return Math.min(RENEW_BEFORE, life / 2);
}

/** After a renewal in the background has failed, the next one waits this long. */
const RENEW_PAUSE = 5_000;

/**
 * Keeps one token and renews it: one request however many callers wait, and no waiting while the
 * old token is good. Renewal is driven by use: an idle proxy requests no tokens.
 *
 * @param request gets a token; it is given the latest one, refused or expired, if there was one
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
    // Without a lifetime (RFC 6749 leaves it out if it likes), a token is good until it is refused.
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
        renew().catch(() => {}); // The request has said why; the held token still serves.
      }
      return held.token;
    },
    holds: (token) => held?.token === token,
    refuse(token) {
      if (held?.token === token) held = undefined;
    },
  };
}
