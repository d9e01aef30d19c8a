import { messageOf } from "../../errors.ts";
import type { Log } from "../../log/log.ts";
import { pause } from "../../async/timing.ts";
import type { PrivateFiles } from "../../runtime/types.ts";
import { createSeal, type Seal } from "./seal.ts";
import type { TokenSet } from "./token_set.ts";
import { renewalMargin } from "./token_source.ts";

/** Tokens that several proxies share. */
export interface TokenCache {
  /**
   * A token of the cache, or else of the authorization server, which is then put into the cache.
   *
   * @param key what tells tokens apart: issuer, client, scope, resource
   * @param request asks the authorization server
   */
  through(key: string, request: () => Promise<TokenSet>): Promise<TokenSet>;
  /** Takes out a token, for all, that the MCP server has refused. Never rejects. */
  drop(key: string, token: TokenSet): Promise<void>;
}

/** What is in a file. */
interface Entry {
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Milliseconds since 1970 after which it is not handed out any more. */
  readonly renewAt: number;
}

/** Milliseconds that another proxy may take for a token before this one asks for its own. */
const PATIENCE = 10_000;
/** Milliseconds between two looks at the file. */
const LOOK = 100;

/**
 * Creates a token cache: a file for each key, encrypted. The files are replaced in one step, so that
 * what is read is always whole; the lock next to each only saves token requests, and whoever finds it
 * old goes on without.
 *
 * @param folder the folder of the files
 * @param credential the client's secret or key, which the files are encrypted with
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
  /** The file for a key, and what opens it. */
  async function place(key: string): Promise<{ path: string; seal: Seal }> {
    const seal = await createSeal(await credential(), key);
    return { path: `${folder}/${seal.name}`, seal };
  }

  async function read(path: string, seal: Seal): Promise<TokenSet | undefined> {
    const entry = await entryOf(await files.read(path), seal);
    if (!entry || now() >= entry.renewAt) return undefined;
    const expiresIn = Math.floor((entry.expiresAt - now()) / 1000);
    log.info("OAuth", `Token taken from the cache (expires in ${expiresIn}s)`);
    return { accessToken: entry.value, expiresIn };
  }

  async function drop(key: string, token: TokenSet): Promise<void> {
    try {
      const { path, seal } = await place(key);
      const entry = await entryOf(await files.read(path), seal);
      if (entry?.value === token.accessToken) await files.remove(path);
    } catch (error) {
      complain(error);
    }
  }

  async function write(
    path: string,
    seal: Seal,
    { accessToken, expiresIn }: TokenSet,
  ): Promise<void> {
    // A token that nobody knows the end of would be handed out for days after it.
    if (!expiresIn || expiresIn <= 0) return;
    const life = expiresIn * 1000;
    const expiresAt = now() + life;
    const entry: Entry = {
      value: accessToken,
      expiresAt,
      renewAt: expiresAt - renewalMargin(life),
    };
    await files.write(path, await seal.close(JSON.stringify(entry)));
  }

  /** Whether this proxy may ask; not being able to tell is no reason to have no token. */
  async function take(lock: string): Promise<boolean> {
    try {
      if (await files.create(lock)) return true;
      const age = await files.age(lock);
      if (age !== undefined && age > PATIENCE) await files.remove(lock);
      return false;
    } catch (error) {
      complain(error);
      return true;
    }
  }

  function complain(error: unknown): void {
    log.warn("OAuth", `MCP_TOKEN_CACHE: ${folder} cannot be used: ${messageOf(error)}`);
  }

  async function through(key: string, request: () => Promise<TokenSet>): Promise<TokenSet> {
    const { path, seal } = await place(key);
    const lock = `${path}.lock`;
    const until = now() + PATIENCE;
    let mine: boolean;
    for (;;) {
      const token = await read(path, seal);
      if (token) return token;
      mine = await take(lock);
      if (mine || now() > until) break;
      await pause(LOOK);
    }
    try {
      // Its last owner may have put a token there between the look at the file and the lock.
      const since = mine ? await read(path, seal) : undefined;
      if (since) return since;
      const token = await request();
      await write(path, seal, token).catch(complain);
      return token;
    } finally {
      if (mine) await files.remove(lock);
    }
  }

  return { through, drop };
}

async function entryOf(text: string | undefined, seal: Seal): Promise<Entry | undefined> {
  try {
    return text === undefined ? undefined : JSON.parse(await seal.open(text));
  } catch {
    // Made with a secret that has been changed since, or by a version that is not this one.
    return undefined;
  }
}
