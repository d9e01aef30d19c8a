import { errors } from "jose";
import { createClients } from "../../parts/oauth_clients.ts";
import type { TokenReader } from "../../parts/token_verifier.ts";

// The clients that each authorization server of another project is set up with.

/** A client and its secret. */
export interface SecretClient {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A client whose secret needs no encoding. */
export const MY_CLIENT: SecretClient = {
  clientId: "my-client",
  clientSecret: "secret-of-my-client",
};

/** Its secret contains characters that form encoding changes, like many generated secrets. */
export const SPECIAL_CLIENT: SecretClient = {
  clientId: "special-client",
  clientSecret: "a+b/c=d%20e:f&g!*'h~i",
};

/** The MCP server, for authorization servers that require authentication to introspect tokens. */
export const MCP_SERVER: SecretClient = {
  clientId: "mcp-server",
  clientSecret: "secret-of-mcp-server",
};

/** The variable that tells a program the clients: a JSON object of secrets by client id. */
export const CLIENTS = {
  CLIENTS: JSON.stringify(Object.fromEntries(
    [MY_CLIENT, SPECIAL_CLIENT, MCP_SERVER].map((each) => [each.clientId, each.clientSecret]),
  )),
};

/** A client with an ES256 key. */
export interface KeyClient {
  readonly clientId: string;
  /** Private JWK. */
  readonly privateKey: string;
  /** Public key as a set of JWKs. */
  readonly jwks: string;
}

/** Creates a client with its own key. */
export async function createKeyClient(): Promise<KeyClient> {
  const { private_key_jwt: { clientId, privateKeyJwk } } = await createClients();
  const { d: _private, ...publicKey } = privateKeyJwk!;
  return {
    clientId,
    privateKey: JSON.stringify(privateKeyJwk),
    jwks: JSON.stringify({ keys: [{ ...publicKey, use: "sig" }] }),
  };
}

/**
 * Introspects tokens at the authorization server (RFC 7662).
 *
 * @param url the introspection endpoint
 */
export function introspection(url: string): TokenReader {
  const { clientId, clientSecret } = MCP_SERVER;
  const authorization = `Basic ${btoa(`${clientId}:${clientSecret}`)}`;
  return async (token) => {
    const body = new URLSearchParams({ token });
    const response = await fetch(url, { method: "POST", headers: { authorization }, body });
    if (!response.ok) throw new errors.JWTInvalid(`introspection: HTTP ${response.status}`);
    const claims = await response.json();
    if (!claims.active) throw new errors.JWTExpired("not active", claims);
    return claims;
  };
}
