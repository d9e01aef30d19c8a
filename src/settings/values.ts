/**
 * Readers of settings: a text in, the typed value out. Each throws an `Error` whose message says
 * what is wrong, without the value if it could be a secret.
 *
 * @module
 */

/** The characters of a host name; URL accepts others, such as `{` and the comma. */
const HOST = /^([\w.-]+|\[[\da-f:.]+\])$/;

/** An absolute http or https URL; its fragment, which no request carries, is left out. */
export function webAddress(text: string): URL {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw new Error("not a URL; use an absolute URL such as https://example.com/mcp");
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    // `localhost:8000/mcp` is a URL too, of the scheme `localhost`.
    const what = text.includes("://") ? `${url.protocol}// is not supported` : "has no https://";
    throw new Error(`${what}; use https://, or http:// on this machine`);
  }
  if (url.username || url.password) {
    throw new Error("the URL contains a user name or password; remove them");
  }
  if (!HOST.test(url.hostname)) {
    throw new Error("has a host name with characters that no name has");
  }
  url.hash = "";
  return url;
}

/** The token endpoint, or the word for having none. */
export function tokenEndpoint(text: string): URL | "discover" {
  return text.trim() === "discover" ? "discover" : webAddress(text);
}

/** An issuer as it was written: issuers are compared character by character (RFC 8414). */
export function issuerIdentifier(text: string): string {
  const issuer = text.trim();
  webAddress(issuer);
  if (/[?#]/.test(issuer)) {
    throw new Error("an issuer has no query and no fragment (RFC 8414); remove them");
  }
  if (issuer.includes("/.well-known/")) {
    throw new Error("use the issuer without /.well-known/…");
  }
  return issuer;
}

/** Scopes, with one space between them. */
export function scopeList(text: string): string {
  return text.trim().split(/\s+/).join(" ");
}

/** Who client assertions are for: a word for one of the server's URLs, or a URL as it is written. */
export function assertionAudience(text: string): string {
  const audience = text.trim();
  if (audience === "issuer" || audience === "token-endpoint") return audience;
  webAddress(audience);
  return audience;
}

/** Characters of an access token; servers rarely accept headers of more than a few thousand. */
const MAX_ACCESS_TOKEN = 32_768;

/** An access token as it is sent (RFC 6750 section 2.1), also if it was copied with its scheme. */
export function accessToken(text: string): string {
  const token = text.trim().replace(/^bearer /i, "");
  if (token.length > MAX_ACCESS_TOKEN) {
    throw new Error(`is longer than ${MAX_ACCESS_TOKEN} characters, which is too long for a token`);
  }
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new Error(
      "is not an access token: only the token is allowed, without spaces or line breaks",
    );
  }
  return token;
}

/** A whole number above 0. */
export function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text.trim())) throw new Error("not a whole number greater than 0");
  return Number(text);
}

/** One of `values`. */
export function choice<const T extends string>(values: readonly T[]): (text: string) => T {
  return (text) => {
    const value = values.find((value) => value === text.trim());
    if (value === undefined) {
      throw new Error(`${JSON.stringify(text)} is not one of ${values.join(", ")}`);
    }
    return value;
  };
}

const YES = /^(true|yes|on|1)$/i;
const NO = /^(false|no|off|0)$/i;

/** Whether something is on. */
export function flag(text: string): boolean {
  const word = text.trim();
  if (YES.test(word)) return true;
  if (NO.test(word)) return false;
  throw new Error(`${JSON.stringify(text)} is not one of true, false`);
}

/** Milliseconds by the unit that a time is written with; seconds if it has none. */
const TIME_UNITS: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["", 1_000],
  ["s", 1_000],
  ["m", 60_000],
  ["min", 60_000],
  ["h", 3_600_000],
]);
/** Longest time that timers of both runtimes can wait for. */
const MAX_TIME = 2 ** 31 - 1;

/** A time in milliseconds, above 0. */
export function milliseconds(text: string): number {
  const time = quantity(text, TIME_UNITS);
  if (time === undefined) {
    throw new Error(
      "not a time; use a number of seconds, or a number with ms, s, m or h (30s, 5m)",
    );
  }
  if (time > MAX_TIME) throw new Error("is too long; use 24 days at most");
  return time;
}

/** Bytes by the unit that a size is written with; bytes if it has none. */
const SIZE_UNITS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["b", 1],
  ...["k", "m", "g"].flatMap((prefix, at) =>
    ["", "b", "ib"].map((unit) => [prefix + unit, 1024 ** (at + 1)] as const)
  ),
]);

/** A number of bytes, above 0. */
export function bytes(text: string): number {
  const size = quantity(text, SIZE_UNITS);
  if (size === undefined) {
    throw new Error("not a size; use a number of bytes, or a number with KB, MB or GB (64MB)");
  }
  return size;
}

/** A number above 0 with a unit, as a whole number of the smallest unit. */
function quantity(text: string, units: ReadonlyMap<string, number>): number | undefined {
  const [, digits, unit] = /^(\d{1,15}(?:\.\d{1,3})?)\s{0,9}([a-z]{0,3})$/i.exec(text.trim()) ?? [];
  const factor = units.get(unit?.toLowerCase());
  const value = Math.round(Number(digits) * (factor ?? NaN));
  return value > 0 && Number.isSafeInteger(value) ? value : undefined;
}

/** RFC 8707 section 2: an absolute URI without a fragment; or `none`. */
export function resourceIndicator(text: string): string {
  const resource = text.trim();
  if (resource !== "none" && (!URL.canParse(resource) || resource.includes("#"))) {
    throw new Error("not an absolute URI without a fragment (RFC 8707); use one, or none");
  }
  return resource;
}

/** `true` for the user's cache folder, or a folder; `undefined` for `false`. */
export function tokenCache(text: string): true | string | undefined {
  if (YES.test(text.trim())) return true;
  if (NO.test(text.trim())) return undefined;
  if (/[/\\]/.test(text)) return text;
  throw new Error("not true, false or the path of a folder; for a folder here, write ./name");
}

/** Whether a text is a word that turns something on or off, and not a path. */
export function isFlag(text: string): boolean {
  return YES.test(text.trim()) || NO.test(text.trim());
}

/** Parameters that have settings of their own, or that the grant itself decides. */
const RESERVED_PARAMETERS = [
  "grant_type",
  "client_id",
  "client_secret",
  "client_assertion",
  "assertion",
  "subject_token",
  "scope",
  "resource",
];

/** A query string of token request parameters. */
export function tokenParameters(text: string): URLSearchParams {
  const parameters = new URLSearchParams(text);
  const reserved = RESERVED_PARAMETERS.find((name) => parameters.has(name));
  if (reserved) throw new Error(`${reserved} cannot be set here; use its own setting`);
  return parameters;
}

/**
 * Headers that are the proxy's to set: the token, what the MCP transport is made of, and what belongs
 * to the connection (RFC 9110 section 7.6.1).
 */
const RESERVED_HEADERS =
  /^(authorization|dpop|accept|content-.*|mcp-.*|last-event-id|host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect)$/i;
const TOKEN_CHARACTERS = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Lines of `Name: value`. */
export function headerLines(text: string): Record<string, string> {
  const headers: [name: string, value: string][] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === "") continue;
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim();
    const value = line.slice(colon + 1).trim();
    // The value may be a secret (an API key), so that the message shows the name alone.
    if (colon < 1 || !TOKEN_CHARACTERS.test(name)) {
      throw new Error("each line must be `Name: value`");
    }
    if (RESERVED_HEADERS.test(name)) throw new Error(`${name} is set by the proxy itself`);
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      throw new Error(`the value of ${name} has characters that a header cannot carry`);
    }
    headers.push([name, value]);
  }
  return Object.fromEntries(headers); // An assignment would lose a header called __proto__.
}

/** A quoted part, closed or not, or a part without quotes. */
const COMMAND_PART = /"([^"]*)"|'([^']*)'|["']|[^\s"']+/g;

/**
 * A program and its arguments, which are started without a shell. Spaces separate; '…' and "…" keep
 * together what is between them, as in a shell. Nothing else is special, a backslash neither, so
 * that paths of Windows need no thought. What quotes cannot say, a JSON array of strings can.
 */
export function commandLine(text: string): readonly string[] {
  const words = text.trim().startsWith("[") ? jsonWords(text) : quotedWords(text);
  if (!words[0]) throw new Error("is not a command");
  // Its value may be a secret, which what is said of the program would show.
  if (/^\w+=/.test(words[0])) {
    throw new Error("begins with an assignment, which needs a shell; begin with a program");
  }
  return words;
}

function jsonWords(text: string): readonly string[] {
  let words: unknown;
  try {
    words = JSON.parse(text);
  } catch {
    // Said below.
  }
  if (Array.isArray(words) && words.every((word) => typeof word === "string")) return words;
  throw new Error("starts with [ but is not a JSON array of strings");
}

function quotedWords(text: string): readonly string[] {
  const words: string[] = [];
  let end = -1;
  for (const { 0: part, 1: double, 2: single, index } of text.matchAll(COMMAND_PART)) {
    if (part === '"' || part === "'") throw new Error(`has a ${part} that is not closed`);
    const piece = double ?? single ?? part;
    // What stands together is one word: --key="two words".
    if (index === end) words[words.length - 1] += piece;
    else words.push(piece);
    end = index + part.length;
  }
  return words;
}

/** Reads patterns, separated by commas or line breaks. */
export function patternList(text: string): readonly string[] {
  const patterns = text.split(/[,\n]/).map((pattern) => pattern.trim()).filter(Boolean);
  if (patterns.length === 0) throw new Error("has no names in it");
  return patterns;
}
