import { claimsOf } from "../../json/jwt.ts";
import type { Finding } from "./report.ts";

/** What a token response says, and the token in it, if it can be read (RFC 6749 section 5.1, RFC 9068). */
export interface TokenFacts {
  /** Seconds until the token expires. */
  readonly expiresIn?: number;
  /** `token_type`. */
  readonly type?: string;
  /** Scopes, space separated, by the response or by the token. */
  readonly scope?: string;
  /** Claims of the token, unverified; absent if it is not a JWT. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Reads what may be shown of a token response; never the token. */
export function tokenFacts(response: string): TokenFacts {
  const { access_token, expires_in, token_type, scope } = parsed(response) ?? {};
  const claims = typeof access_token === "string" ? claimsOf(access_token) : undefined;
  return {
    expiresIn: typeof expires_in === "number" ? expires_in : undefined,
    type: typeof token_type === "string" ? token_type : undefined,
    scope: scopeOf(scope) ?? scopeOf(claims?.scope) ?? scopeOf(claims?.scp),
    claims,
  };
}

/** What may be shown of a token. */
export function tokenFinding({ expiresIn, type, scope, claims }: TokenFacts): Finding {
  const audience = textsOfClaim(claims?.aud).join(", ");
  const facts = [
    expiresIn === undefined ? "no expiry" : `expires in ${expiresIn} s`,
    scope ? `scope "${scope}"` : "no scope",
    claims ? `JWT from ${claims.iss ?? "no issuer"} for ${audience || "no audience"}` : "opaque",
  ];
  return {
    message: facts.join(", "),
    values: {
      expiresIn,
      tokenType: type,
      scope,
      jwt: claims !== undefined,
      issuer: claims?.iss,
      audience: claims?.aud,
    },
  };
}

/** A claim that is a text or a list of them, as texts. */
export function textsOfClaim(claim: unknown): string[] {
  return (Array.isArray(claim) ? claim : [claim]).filter((text) => typeof text === "string");
}

function scopeOf(claim: unknown): string | undefined {
  return textsOfClaim(claim).join(" ") || undefined;
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
