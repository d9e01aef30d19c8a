/**
 * Functions that read the text of a setting and return its typed value. Each throws an `Error` that
 * says what is wrong, without the text if it could be a secret.
 */

import { headerValue } from "../http/header_value.ts";
import { MAX_ACCESS_TOKEN } from "../limits.ts";

/** The characters of a host name; URL accepts others, such as `{` and the comma. */
const HOST = /^([\w.-]+|\[[\da-f:.]+\])$/;

/** What a key or a certificate has, and no path: lines, the mark of PEM, the beginning of a JWK. */
const CONTENT = /[\r\n]|-----BEGIN|^\s*\{/;

/** Reads the path of a file. */
export function filePath(text: string): string {
  if (CONTENT.test(text)) {
    throw new Error("contains a text instead of a path; set the path of a file with this text");
  }
  return text;
}

/** Reads an absolute http or https URL, and removes its fragment, which no request carries. */
export function webAddress(text: string): URL {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw new Error("not a URL; use an absolute URL such as https://example.com/mcp");
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    // `localhost:8000/mcp` is a URL with the scheme `localhost`.
    const what = text.includes("://") ? `${url.protocol}// is not supported` : "has no https://";
    throw new Error(`${what}; use https://, or http:// on this machine`);
  }
  if (url.username || url.password) {
    throw new Error("the URL contains a user name or password; remove them");
  }
  if (!HOST.test(url.hostname)) {
    throw new Error("the host name contains characters that are not allowed there");
  }
  url.hash = "";
  return url;
}

/** Reads a token endpoint, or the word for discovering it. */
export function tokenEndpoint(text: string): URL | "discover" {
  return text.trim() === "discover" ? "discover" : webAddress(text);
}

/** Reads an issuer and keeps its text: issuers are compared character by character (RFC 8414). */
export function issuerIdentifier(text: string): string {
  const issuer = text.trim();
  webAddress(issuer);
  if (/[?#]/.test(issuer)) {
    throw new Error("an issuer cannot have a query or a fragment (RFC 8414); remove them");
  }
  if (issuer.includes("/.well-known/")) {
    throw new Error("use the issuer without /.well-known/…");
  }
  return issuer;
}

/** Reads scopes, and puts one space between them. */
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

/** Reads a whole number greater than 0. */
export function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text.trim())) throw new Error("not a whole number greater than 0");
  return Number(text);
}

/** Creates a reader of one of `values`. */
export function choice<const T extends string>(values: readonly T[]): (text: string) => T {
  return (text) => {
    const value = values.find((value) => value === text.trim());
    if (value === undefined) {
      throw new Error(`not a known value; use one of ${values.join(", ")}`);
    }
    return value;
  };
}

const YES = /^(true|yes|on|1)$/i;
const NO = /^(false|no|off|0)$/i;

/** Reads `true` or `false`, or another word for one of them. */
export function flag(text: string): boolean {
  const word = text.trim();
  if (YES.test(word)) return true;
  if (NO.test(word)) return false;
  throw new Error("not a known value; use true or false");
}

/** Reads an absolute URI without a fragment (RFC 8707 section 2), or `none`. */
export function resourceIndicator(text: string): string {
  const resource = text.trim();
  if (resource !== "none" && (!URL.canParse(resource) || resource.includes("#"))) {
    throw new Error("not an absolute URI without a fragment (RFC 8707); use one, or none");
  }
  return resource;
}

/** Reads `true` (the user's cache folder), `false`, or the path of a folder. */
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

/** Parameters that have their own settings, or that the grant sets. */
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

/** Reads token request parameters from a query string. */
export function tokenParameters(text: string): URLSearchParams {
  const parameters = new URLSearchParams(text);
  const reserved = RESERVED_PARAMETERS.find((name) => parameters.has(name));
  if (reserved) throw new Error(`${reserved} cannot be set here; use its own setting`);
  return parameters;
}

/**
 * Headers that the proxy sets: the token, headers of the MCP transport, and headers of the connection
 * (RFC 9110 section 7.6.1).
 */
const RESERVED_HEADERS =
  /^(authorization|dpop|accept|content-.*|mcp-.*|last-event-id|host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect)$/i;
const TOKEN_CHARACTERS = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Reads headers, one `Name: value` per line. */
export function headerLines(text: string): Record<string, string> {
  const headers: [name: string, value: string][] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === "") continue;
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim();
    const value = line.slice(colon + 1).trim();
    // The value may be a secret, such as an API key, so the message shows only the name.
    if (colon < 1 || !TOKEN_CHARACTERS.test(name)) {
      throw new Error("each line must be `Name: value`");
    }
    if (RESERVED_HEADERS.test(name)) throw new Error(`${name} is set by the proxy itself`);
    if (headerValue(value) === undefined) {
      throw new Error(`the value of ${name} contains characters that are not allowed in a header`);
    }
    headers.push([name, value]);
  }
  return Object.fromEntries(headers); // An assignment would lose a header called __proto__.
}

/** Reads patterns, separated by commas or line breaks. */
export function patternList(text: string): readonly string[] {
  const patterns = text.split(/[,\n]/).map((pattern) => pattern.trim()).filter(Boolean);
  if (patterns.length === 0) throw new Error("contains no names");
  return patterns;
}
