import { OAuthError, OAuthErrorCode, type OAuthTokenVerifier } from "@modelcontextprotocol/server";
import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyOptions,
} from "jose";

/** A token verifier that can also be told to forget what it accepted. */
export interface TokenVerifier extends OAuthTokenVerifier {
  /** From now on every token that was accepted so far is refused. */
  revokeAll(): void;
}

/** Returns the claims of a valid token. Throws for any other. */
export type TokenReader = (token: string) => Promise<JWTPayload>;

/** Whose tokens are verified. */
export interface TokenIssuer {
  readonly issuer: string;
  /** Its public keys. */
  readonly jwksUri: string;
  /** Reads tokens that are not JWT access tokens of RFC 9068. */
  readonly readToken?: TokenReader;
}

/**
 * Reads signed JWTs.
 *
 * @param jwksUri where the public keys are
 * @param options what else is verified
 */
export async function jwtReader(jwksUri: string, options: JWTVerifyOptions): Promise<TokenReader> {
  const keys = createLocalJWKSet(await (await fetch(jwksUri)).json() as JSONWebKeySet);
  return async (token) => (await jwtVerify(token, keys, options)).payload;
}

/**
 * Verifies access tokens: signature, issuer, audience, expiry to the second, unless the issuer reads
 * them itself.
 *
 * @param issuer where tokens come from
 * @param audience the resource that they must be for
 */
export async function createTokenVerifier(
  { issuer, jwksUri, readToken }: TokenIssuer,
  audience: string,
): Promise<TokenVerifier> {
  const read = readToken ?? await jwtReader(jwksUri, { issuer, audience, typ: "at+jwt" });
  const accepted = new Set<string>();
  const revoked = new Set<string>();

  return {
    async verifyAccessToken(token) {
      if (revoked.has(token)) throw new OAuthError(OAuthErrorCode.InvalidToken, "revoked");
      const payload = await read(token).catch((error) => {
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
