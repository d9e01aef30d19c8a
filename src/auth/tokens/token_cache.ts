import { whyUnusable } from "../../runtime/file_errors.ts";
import type { Log } from "../../log/log.ts";
import { pause } from "../../async/timing.ts";
import type { PrivateFiles, PrivateFolder } from "../../runtime/types.ts";
import { createSeal, type Seal } from "./seal.ts";
import type { TokenSet } from "./token_set.ts";
import { renewalMargin } from "./token_source.ts";
import { TOKEN_LOCK_TIMEOUT } from "../../limits.ts";

/** Tokens that several proxies share. */
export interface TokenCache {
  /**
   * A token from the cache, or else from the authorization server, which is then stored.
   *
   * @param key what tells tokens apart: issuer, client, scope, resource
   * @param request asks the authorization server
   */
  through(key: string, request: () => Promise<TokenSet>): Promise<TokenSet>;
  /** Removes a token that the MCP server has refused. Never rejects. */
  drop(key: string, token: TokenSet): Promise<void>;
}

/** What is in a file. */
interface StoredToken {
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Milliseconds since 1970 from which on it is not used any more. */
  readonly renewAt: number;
}

/** Milliseconds by which the clock of a file system may be ahead of this one. */
const CLOCK_SKEW = 1_000;
/** Milliseconds between two looks at the file. */
const POLL = 100;

/**
 * Creates a token cache: one encrypted file for each key. A file is replaced in one step, so a reader
 * always sees a whole one. The lock next to it only saves token requests; an old one is ignored.
 *
 * @param folder the folder of the files; not used if other users can write to it
 * @param credential the client's secret or key, which encrypts the files
 * @param now the time in milliseconds
 */
export function createTokenCache(
  { folder, credential, files, log, now = Date.now }: {
    folder: string;
    credential: () => Promise<string>;
    files: PrivateFiles;
    log: Log;
    now?: () => number;
  },
): TokenCache {
  /** The folder, or `undefined` with a warning if it cannot be used. */
  async function opened(): Promise<PrivateFolder | undefined> {
    try {
      return await files.folder(folder);
    } catch (error) {
      warn(error);
    }
  }

  function warn(error: unknown): void {
    log.warn("OAuth", `MCP_TOKEN_CACHE: ${folder} cannot be used: ${whyUnusable(error)}`);
  }

  async function sealFor(key: string): Promise<Seal> {
    return await createSeal(await credential(), key);
  }

  async function read(place: PrivateFolder, seal: Seal): Promise<TokenSet | undefined> {
    const stored = await decrypted(await place.read(seal.name), seal);
    if (!stored || now() >= stored.renewAt) return undefined;
    const expiresIn = Math.floor((stored.expiresAt - now()) / 1000);
    log.info("OAuth", `Token taken from the cache (expires in ${expiresIn}s)`);
    return { accessToken: stored.value, expiresIn };
  }

  async function write(place: PrivateFolder, seal: Seal, token: TokenSet): Promise<void> {
    const { accessToken: value, expiresIn } = token;
    // Nobody knows when a token without a lifetime ends, so it would be used for too long.
    if (!expiresIn || expiresIn <= 0) return;
    const life = expiresIn * 1000;
    const expiresAt = now() + life;
    const stored: StoredToken = { value, expiresAt, renewAt: expiresAt - renewalMargin(life) };
    await place.write(seal.name, await seal.close(JSON.stringify(stored)));
  }

  /** Whether this proxy is the one to request the token. If a lock cannot be made, it is. */
  async function acquire(place: PrivateFolder, lock: string): Promise<boolean> {
    try {
      if (await place.create(lock)) return true;
      const age = await place.age(lock);
      const isStale = age !== undefined && (age > TOKEN_LOCK_TIMEOUT || age < -CLOCK_SKEW);
      if (isStale) await place.remove(lock);
      return isStale && await place.create(lock);
    } catch (error) {
      warn(error);
      return true;
    }
  }

  return {
    async through(key, request) {
      const place = await opened();
      if (!place) return await request();
      const seal = await sealFor(key);
      const lock = `${seal.name}.lock`;
      const until = now() + TOKEN_LOCK_TIMEOUT;
      let isOurs: boolean;
      for (;;) {
        const token = await read(place, seal);
        if (token) return token;
        isOurs = await acquire(place, lock);
        if (isOurs || now() > until) break;
        await pause(POLL);
      }
      try {
        // The last owner of the lock may have stored a token after the read above.
        const latest = isOurs ? await read(place, seal) : undefined;
        if (latest) return latest;
        const token = await request();
        await write(place, seal, token).catch(warn);
        return token;
      } finally {
        if (isOurs) await place.remove(lock);
      }
    },

    async drop(key, token) {
      try {
        const place = await opened();
        if (!place) return;
        const seal = await sealFor(key);
        const stored = await decrypted(await place.read(seal.name), seal);
        if (stored?.value === token.accessToken) await place.remove(seal.name);
      } catch (error) {
        warn(error);
      }
    },
  };
}

/** `undefined` if the file was written with a secret that has changed since, or by another version. */
async function decrypted(text: string | undefined, seal: Seal): Promise<StoredToken | undefined> {
  try {
    return text === undefined ? undefined : JSON.parse(await seal.open(text));
  } catch {
    return undefined;
  }
}
