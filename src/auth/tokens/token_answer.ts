/** Reads the answer of a token endpoint (RFC 6749 section 5). */

import type { JsonObject } from "../../json/value.ts";
import type { TokenSet } from "./token_set.ts";

/** The OAuth error of an answer (RFC 6749 section 5.2). */
export interface OAuthError {
  /** `invalid_client` and the like. */
  readonly code: string;
  /** `error_description`, if it is a text. */
  readonly description?: string;
}

/** The type of token that a request is for. */
export type TokenType = "bearer" | "dpop" | "n_a";

/** What a token request expects. */
export interface Expected {
  /** `token_type` (RFC 6749 section 7.1). */
  readonly tokenType: TokenType;
  /** `issued_token_type` of a token exchange that gives no access token (RFC 8693 section 2.2.1). */
  readonly issuedTokenType?: string;
}

/** A successful answer. */
export interface TokenAnswer {
  /** The tokens in it. */
  readonly tokens: TokenSet;
  /** In what it breaks the standard, each in a few words; it is used all the same. */
  readonly oddities: readonly string[];
}

/** The characters of an access token (RFC 6749 appendix A.12). */
const TOKEN = /^[\x20-\x7e]+$/;

/** The OAuth error of an answer, to which some servers give the status 200. */
export function oauthErrorOf(members: JsonObject | undefined): OAuthError | undefined {
  const { error, error_description: description } = members ?? {};
  if (typeof error !== "string" || error === "") return undefined;
  return { code: error, description: typeof description === "string" ? description : undefined };
}

/**
 * Reads a successful answer (RFC 6749 section 5.1). Members that the proxy does not need are not
 * looked at: some servers add an ID token of a user that there is not, or `null` for what they leave out.
 *
 * @throws {Error} that says why it has no usable token
 */
export function readTokenAnswer(members: JsonObject | undefined, expected: Expected): TokenAnswer {
  if (!members) throw new Error("it is not a JSON object");
  const oddities: string[] = [];
  const accessToken = accessTokenOf(members, oddities);
  checkType(members, expected, oddities);
  return {
    tokens: { accessToken, expiresIn: lifetimeOf(members, oddities), scope: scopeOf(members) },
    oddities,
  };
}

function accessTokenOf({ access_token: token }: JsonObject, oddities: string[]): string {
  if (typeof token !== "string" || token === "") throw new Error("it has no access_token");
  const trimmed = token.trim();
  if (!TOKEN.test(trimmed)) {
    throw new Error("its access_token has characters that a header cannot carry");
  }
  if (trimmed !== token) oddities.push("there is white space around the access_token");
  return trimmed;
}

/** Other names that servers have for a bearer token. */
const BEARER_NAMES = ["", "bearertoken", "bearer_token", "bearer token", "jwt"];

function checkType(
  members: JsonObject,
  { tokenType, issuedTokenType }: Expected,
  oddities: string[],
) {
  const { token_type: written } = members;
  const type = String(written ?? "").trim().toLowerCase();
  if (tokenType === "bearer" && BEARER_NAMES.includes(type)) {
    oddities.push(
      type === ""
        ? "it has no token_type, so it is used as a bearer token"
        : `its token_type is ${JSON.stringify(written)} instead of Bearer`,
    );
  } else if (type !== tokenType) {
    throw new Error(
      `its token_type is ${type || "missing"}, not ${tokenType}${adviceOn(type, tokenType)}`,
    );
  } else if (written !== String(written).trim()) {
    oddities.push("there are spaces around its token_type");
  }
  if (issuedTokenType && members.issued_token_type !== issuedTokenType) {
    throw new Error(
      `its issued_token_type is ${members.issued_token_type}, not ${issuedTokenType}`,
    );
  }
}

function adviceOn(type: string, expected: TokenType): string {
  if (type === "dpop") return "; set MCP_DPOP=true";
  return expected === "dpop" ? "; the server does not support DPoP; unset MCP_DPOP" : "";
}

/** Seconds until the token expires; some servers write the number as a text. */
function lifetimeOf({ expires_in: written }: JsonObject, oddities: string[]): number | undefined {
  if (written === undefined || written === null) return undefined;
  const isNumber = typeof written === "number" || /^\s*\d+(\.\d+)?\s*$/.test(String(written));
  const seconds = Number(written);
  if (isNumber && seconds >= 0 && Number.isFinite(seconds)) return seconds;
  oddities.push(
    "its expires_in is not a number of seconds, so the token is used until it is refused",
  );
  return undefined;
}

/** Scopes; some servers write them as a list. */
function scopeOf({ scope }: JsonObject): string | undefined {
  const scopes = Array.isArray(scope) ? scope : [scope];
  return scopes.filter((name) => typeof name === "string").join(" ") || undefined;
}
