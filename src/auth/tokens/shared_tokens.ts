import type { Log } from "../../log/log.ts";
import type { Runtime } from "../../runtime/types.ts";
import { identityOf, type Settings } from "../../settings/settings.ts";
import { once } from "../../async/once.ts";
import type { Target } from "./target.ts";
import type { TokenCache } from "./token_cache.ts";
import { createTokenSource, type Token, type TokenSource } from "./token_source.ts";

/**
 * Token sources for targets, whose tokens are shared with other proxies if the user wants that.
 *
 * @param ask asks the authorization server
 * @param credential what the shared files are encrypted with
 * @returns makes the source for a target
 */
export function createTokenSources({ settings, ask, credential, machine, hide, log }: {
  settings: Settings;
  ask: (target: Target) => Promise<Token>;
  credential: () => Promise<string>;
  machine: Pick<Runtime, "privateFiles">;
  /** Keeps a token out of logs and errors. */
  hide: (token: string) => void;
  log: Log;
}): (target: Target) => TokenSource {
  const { tokenCache } = settings;
  if (!tokenCache) return (target) => createTokenSource(() => ask(target).then(hidden));

  const cache = once(async (): Promise<TokenCache | undefined> => {
    const { createTokenCache } = await import("./token_cache.ts");
    const files = await machine.privateFiles();
    const folder = tokenCache === true ? own(files.cacheFolder()) : tokenCache;
    if (folder) return createTokenCache({ folder, credential, files, log });
    log.warn(
      "OAuth",
      "MCP_TOKEN_CACHE: this system has no cache folder; set MCP_TOKEN_CACHE to a folder",
    );
  });

  function hidden(token: Token): Token {
    hide(token.value);
    return token;
  }

  return (target) => {
    const key = keyOf(target, settings);
    let dropped: Promise<void> | undefined;
    const source = createTokenSource(async () => {
      await dropped;
      const shared = await cache();
      return hidden(await (shared ? shared.through(key, () => ask(target)) : ask(target)));
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

function own(cacheFolder: string | undefined): string | undefined {
  return cacheFolder && `${cacheFolder}/mcp-oauth-proxy`;
}

/** What tells one token from another: the target, and the settings that the table marks. */
function keyOf({ server, scope, resource }: Target, settings: Settings): string {
  const { issuer, token_endpoint } = server;
  return JSON.stringify([issuer, token_endpoint, scope, resource, ...identityOf(settings)]);
}
