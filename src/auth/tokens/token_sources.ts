/** One token source for each target, with or without the token cache. */

import type { Log } from "../../log/log.ts";
import type { Runtime } from "../../runtime/types.ts";
import { identityOf, type Settings } from "../../settings/settings.ts";
import { once } from "../../async/once.ts";
import { claimsOf } from "../../json/jwt.ts";
import type { Grant } from "../grants/grant.ts";
import type { Target } from "./target.ts";
import type { TokenCache } from "./token_cache.ts";
import type { TokenSet } from "./token_set.ts";
import { createTokenSource, type TokenSource } from "./token_source.ts";

/**
 * Creates token sources for targets. Their tokens are shared with other processes if the user set that.
 *
 * @param obtain gets tokens from the authorization server
 * @param credential what the shared files are encrypted with
 * @param assertion reads the assertion that says which user the tokens are for, if there is one
 * @returns creates the source for a target
 */
export function createTokenSources(
  { settings, obtain, credential, assertion, machine, hide, log }: {
    settings: Settings;
    obtain: Grant["obtain"];
    credential: () => Promise<string>;
    assertion?: () => Promise<string>;
    machine: Pick<Runtime, "privateFiles">;
    /** Keeps a token out of logs and errors. */
    hide: (token: string) => void;
    log: Log;
  },
): (target: Target) => TokenSource {
  function hidden(tokens: TokenSet): TokenSet {
    hide(tokens.accessToken);
    if (tokens.refreshToken) hide(tokens.refreshToken);
    return tokens;
  }

  async function own(target: Target, previous?: TokenSet): Promise<TokenSet> {
    return hidden(await obtain(target, previous));
  }

  const { tokenCache } = settings;
  if (!tokenCache) {
    return (target) => createTokenSource((previous) => own(target, previous));
  }

  const cache = once(async (): Promise<TokenCache | undefined> => {
    const { createTokenCache } = await import("./token_cache.ts");
    const files = await machine.privateFiles();
    const folder = tokenCache === true ? inside(files.cacheFolder()) : tokenCache;
    if (folder) return createTokenCache({ folder, credential, files, log });
    log.warn(
      "OAuth",
      "MCP_TOKEN_CACHE: this system has no cache folder; set MCP_TOKEN_CACHE to a folder",
    );
  });

  /** Tokens with the same key are the same: target, settings that the table marks, and user. */
  async function keyOf({ server, scope, resource }: Target): Promise<string> {
    const { issuer, token_endpoint } = server;
    const subject = assertion && subjectOf(await assertion());
    const target = [issuer, token_endpoint, scope, resource];
    return JSON.stringify([...target, ...identityOf(settings), subject]);
  }

  return (target) => {
    let key: string;
    let dropped: Promise<void> | undefined;
    const source = createTokenSource(async (previous) => {
      await dropped;
      const shared = await cache();
      if (!shared) return await own(target, previous);
      // The file or command of an assertion may stand for another user than the last time.
      key = await keyOf(target);
      return hidden(await shared.through(key, () => own(target, previous)));
    });
    return {
      ...source,
      refuse(token) {
        source.refuse(token);
        dropped = cache().then((shared) => shared?.drop(key, token));
      },
    };
  };
}

/** The proxy's folder in the user's folder for caches. */
function inside(cacheFolder: string | undefined): string | undefined {
  return cacheFolder && `${cacheFolder}/mcp-oauth-proxy`;
}

/** The user that an assertion is about; the assertion itself if it is not a JWT. */
function subjectOf(assertion: string): unknown {
  const { iss, sub } = claimsOf(assertion) ?? {};
  return sub === undefined ? assertion : [iss, sub];
}
