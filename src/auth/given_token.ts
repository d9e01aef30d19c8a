/** Authorization with an access token of the settings: `MCP_ACCESS_TOKEN`. */

import { messageOf, ProxyError, rethrowFault } from "../errors.ts";
import { claimsOf } from "../json/jwt.ts";
import { foreign } from "../log/foreign_words.ts";
import type { Log } from "../log/log.ts";
import type { Redaction } from "../log/redaction.ts";
import type { Runtime } from "../runtime/types.ts";
import type { Settings } from "../settings/settings.ts";
import { accessToken } from "../settings/values.ts";
import type { Authorization } from "./authorization.ts";
import { secretReader } from "./client/secret_source.ts";
import type { OnAuthEvent } from "./events.ts";
import type { Challenge } from "./discovery/challenge.ts";
import { renewalMargin } from "./tokens/token_source.ts";
import type { TokenSet } from "./tokens/token_set.ts";

/** Where an access token comes from that exists already. */
export interface TokenPlace {
  /** The setting that names it, for errors. */
  readonly variable: string;
  /** Reads it, as it is sent. Rejects with a `ProxyError`. */
  readonly read: () => Promise<string>;
  /** Milliseconds after which it may have changed; absent if it changes only after a refusal. */
  readonly changesAfter?: number;
}

/** The token that is sent, and when to look for another one. */
interface Held {
  readonly token: TokenSet;
  readonly expiresAt: number;
  readAgainAt: number;
}

/** Milliseconds between two looks at a file. */
const LOOK_AT_FILE = 1_000;
/** Milliseconds after a refusal, or a read that failed, in which the token is not read again. */
const PAUSE = 5_000;
/** Characters of a server's explanation that are shown. */
const MAX_WORDS = 200;

/** The place of the access token of the settings. */
export function tokenPlaceFrom(
  settings: Settings,
  machine: Pick<Runtime, "readTextFile" | "run">,
): TokenPlace {
  const { accessToken: text, accessTokenFile: file, accessTokenCommand: command } = settings;
  const variable = "MCP_ACCESS_TOKEN";
  const read = secretReader(variable, { file, command }, machine, accessToken);
  if (!read) return { variable, read: () => Promise.resolve(text ?? "") };
  return file === undefined
    ? { variable: `${variable}_COMMAND`, read }
    : { variable: `${variable}_FILE`, read, changesAfter: LOOK_AT_FILE };
}

/**
 * Creates the authorization with an access token that exists already. It is sent from the first
 * request on, and only to the MCP server; no authorization server is looked for. It is read again
 * after a refusal, when its file changes, and shortly before it expires if it is a JWT.
 *
 * @param now the time in milliseconds
 */
export function createGivenToken(
  { variable, read, changesAfter }: TokenPlace,
  { redaction, log, onEvent = () => {}, now = Date.now }: {
    redaction: Redaction;
    log: Log;
    onEvent?: OnAuthEvent;
    now?: () => number;
  },
): Authorization {
  let held: Held | undefined;
  let reading: Promise<TokenSet> | undefined;
  /** The latest token that was refused and not replaced. */
  let refused: { readonly token: TokenSet; readonly until: number } | undefined;

  function readOnce(): Promise<TokenSet> {
    reading ??= read().then(hold).finally(() => reading = undefined);
    return reading;
  }

  function hold(value: string): TokenSet {
    const expiresAt = expiryOf(value);
    const life = expiresAt - now();
    const isNew = held?.token.accessToken !== value;
    if (isNew) redaction.hide(value);
    held = {
      token: held && !isNew ? held.token : { accessToken: value },
      expiresAt,
      readAgainAt: Math.min(
        life > 0 ? expiresAt - renewalMargin(life) : now() + PAUSE,
        changesAfter === undefined ? Infinity : now() + changesAfter,
      ),
    };
    if (isNew) {
      log.info("OAuth", `Access token read from ${variable}${lifetimeOf(life)}`);
      const expiresIn = life === Infinity ? undefined : Math.round(life / 1000);
      onEvent({ type: "token_read", variable, accessToken: value, expiresIn });
    }
    return held.token;
  }

  /** The token, read again; the one that is held if that fails and it has not expired. */
  async function fresh(known: Held): Promise<TokenSet> {
    try {
      return await readOnce();
    } catch (error) {
      rethrowFault(error);
      if (now() >= known.expiresAt) throw error;
      known.readAgainAt = now() + PAUSE;
      log.warn("OAuth", `${messageOf(error)}; the token that was read before is used`);
      return known.token;
    }
  }

  function token(): TokenSet | Promise<TokenSet> {
    if (!held) return readOnce();
    if (now() < held.readAgainAt) return held.token;
    if (changesAfter !== undefined || now() >= held.expiresAt) return fresh(held);
    // A command may take long, and the token is still good.
    held.readAgainAt = now() + PAUSE;
    fresh(held).catch(() => {}); // It has expired meanwhile; the next request reads it again.
    return held.token;
  }

  async function challenged(challenge: Challenge, sent: TokenSet | undefined): Promise<boolean> {
    if (!sent || held?.token !== sent) return true;
    if (challenge.error === "insufficient_scope") throw lacksScope(challenge, variable);
    const isKnown = refused?.token === sent && now() < refused.until;
    if (!isKnown && await readOnce() !== sent) return true;
    if (!isKnown) refused = { token: sent, until: now() + PAUSE };
    throw refusal(challenge, variable, held.expiresAt <= now() ? held.expiresAt : undefined);
  }

  return { token, challenged };
}

/** When a JWT expires, in milliseconds since 1970; other tokens do not say. */
function expiryOf(token: string): number {
  const expiry = claimsOf(token)?.exp;
  return typeof expiry === "number" && Number.isFinite(expiry) ? expiry * 1000 : Infinity;
}

function lifetimeOf(milliseconds: number): string {
  if (milliseconds === Infinity) return "";
  const seconds = Math.round(milliseconds / 1000);
  return seconds > 0 ? ` (expires in ${seconds}s)` : ` (expired ${-seconds}s ago)`;
}

/** The server refuses the token, and there is no other one. */
function refusal(
  { status, description }: Challenge,
  variable: string,
  expiredAt: number | undefined,
): ProxyError {
  const expired = expiredAt === undefined ? "" : `, which ${whenExpired(expiredAt)}`;
  const words = description ? `. The server says: ${foreign(description.slice(0, MAX_WORDS))}` : "";
  return new ProxyError(
    "unauthorized",
    {
      problem:
        `MCP server returned: ${status}: it refuses the access token of ${variable}${expired}${words}`,
      hint: `Check that the token is for this server, and set ${variable} to a valid one`,
    },
    { status, mayHaveRun: false },
  );
}

/** A JWT can name a time that no date has. */
function whenExpired(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? "has expired" : `expired at ${date.toISOString()}`;
}

function lacksScope({ status, scope = "" }: Challenge, variable: string): ProxyError {
  return new ProxyError(
    "unauthorized",
    {
      problem: `MCP server returned: ${status}: the access token of ${variable} lacks the scope ` +
        `"${scope.slice(0, MAX_WORDS)}"`,
      hint: `Set ${variable} to a token with this scope`,
    },
    { status, mayHaveRun: false },
  );
}
