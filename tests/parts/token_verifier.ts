import { OAuthError, OAuthErrorCode, type OAuthTokenVerifier } from "@modelcontextprotocol/server";
import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from "jose";
import type { AuthorizationServer } from "./authorization_server.ts";

/** A token verifier that can also be told to forget what it accepted. */
export interface TokenVerifier extends OAuthTokenVerifier {
  /** From now on every token that was accepted so far is refused. */
  revokeAll(): void;
}

/** Whose tokens are verified. */
export interface TokenIssuer extends Pick<AuthorizationServer, "issuer" | "jwksUri"> {
  /** `typ` of its tokens, for issuers from before RFC 9068. @default {"at+jwt"} */
  readonly tokenType?: string;
}

/**
 * Verifies JWT access tokens (RFC 9068): signature, issuer, audience, expiry to the second.
 *
 * @param issuer where tokens come from
 * @param audience the resource that they must be for
 */
export async function createTokenVerifier(
  { issuer, jwksUri, tokenType: typ = "at+jwt" }: TokenIssuer,
  audience: string,
): Promise<TokenVerifier> {
  const keys = createLocalJWKSet(await (await fetch(jwksUri)).json() as JSONWebKeySet);
  const accepted = new Set<string>();
  const revoked = new Set<string>();

  return {
    async verifyAccessToken(token) {
      if (revoked.has(token)) throw new OAuthError(OAuthErrorCode.InvalidToken, "revoked");
      const { payload } = await jwtVerify(token, keys, { issuer, audience, typ })
        .catch((error) => {
          if (!(error instanceof errors.JOSEError)) throw error;
          throw new OAuthError(OAuthErrorCode.InvalidToken, error.message);
        });
      accepted.add(token);
      return {
        token,
        clientId: payload.client_id as string,
        scopes: (payload.scope as string | undefined)?.split(" ") ?? [],
        expiresAt: payload.exp,
        resource: new URL(audience),
      };
    },
    revokeAll() {
      for (const token of accepted) revoked.add(token);
      accepted.clear();
    },
  };
}
