import type { TokenSet } from "../../auth/tokens/token_set.ts";
import { claimsOf } from "../../json/jwt.ts";
import type { Finding } from "./report.ts";

/** What is known of a token from its response and, if it is a JWT, from its claims (RFC 6749 section 5.1, RFC 9068). */
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

/** The facts of a token, without the token. */
export function tokenFacts(
  { accessToken, expiresIn, scope }: TokenSet,
  type?: string,
): TokenFacts {
  const claims = claimsOf(accessToken);
  return {
    expiresIn,
    type,
    scope: scope ?? scopeOf(claims?.scope) ?? scopeOf(claims?.scp),
    claims,
  };
}

/** The facts of a token as a step of the report. */
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
