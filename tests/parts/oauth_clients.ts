import { type CryptoKey, exportJWK, exportPKCS8, generateKeyPair, type JWK } from "jose";

/** Every client authentication method of RFC 6749 and OpenID Connect Core 9 that needs no TLS. */
export type ClientAuthMethod =
  | "client_secret_basic"
  | "client_secret_post"
  | "client_secret_jwt"
  | "private_key_jwt"
  | "none";

/** A machine client that the authorization server knows, with what it proves its identity by. */
export interface OAuthClient {
  /** The one method that the authorization server accepts from this client. */
  readonly method: ClientAuthMethod;
  readonly clientId: string;
  /** Empty for the methods that use none. */
  readonly clientSecret: string;
  /** PKCS#8 PEM of the ES256 key of private_key_jwt, else empty. */
  readonly privateKeyPem: string;
  /** The same key as a private JWK, else undefined. */
  readonly privateKeyJwk?: JWK;
}

/**
 * Everything that form encoding, Basic's colon and a shell could trip over. RFC 6749 (appendix A.2)
 * allows printable ASCII only in a secret, and the authorization server holds clients to it.
 */
const AWKWARD_SECRET = `p@ss:w+rd %/"&=%41#?;,~'\\|{}<>$!*()[]^\``;

/** One client per method; the ids are awkward where a method has to encode them. */
const CLIENTS: readonly (readonly [ClientAuthMethod, clientId: string, clientSecret: string])[] = [
  ["client_secret_basic", "basic:client +1%", AWKWARD_SECRET],
  ["client_secret_post", "post&client=1", AWKWARD_SECRET],
  ["client_secret_jwt", "secret-jwt-client", `${AWKWARD_SECRET} of 256 bits or more`],
  ["private_key_jwt", "key-jwt-client", ""],
  ["none", "public-client", ""],
];

/** The clients by method, each of private_key_jwt with a key of its own. */
export async function createClients(): Promise<Record<ClientAuthMethod, OAuthClient>> {
  const keys = await generateKeyPair("ES256", { extractable: true });
  const clients = await Promise.all(CLIENTS.map(async ([method, clientId, clientSecret]) => {
    const key = method === "private_key_jwt" ? await exportPrivateKey(keys.privateKey) : {};
    return { method, clientId, clientSecret, privateKeyPem: "", ...key };
  }));
  return Object.fromEntries(clients.map((client) => [client.method, client])) as Record<
    ClientAuthMethod,
    OAuthClient
  >;
}

async function exportPrivateKey(key: CryptoKey) {
  return {
    privateKeyPem: await exportPKCS8(key),
    privateKeyJwk: { ...await exportJWK(key), alg: "ES256", kid: "client-key-1" },
  };
}

/**
 * The client as the authorization server registers it (RFC 7591, section 2), without its private key.
 */
export function clientMetadata({ method, clientId, clientSecret, privateKeyJwk }: OAuthClient) {
  const { d: _private, ...publicKey } = privateKeyJwk ?? {};
  return {
    client_id: clientId,
    ...(clientSecret && { client_secret: clientSecret }),
    ...(privateKeyJwk && { jwks: { keys: [publicKey as JWK & { kty: string }] } }),
    token_endpoint_auth_method: method,
    grant_types: ["client_credentials"],
    redirect_uris: [],
    response_types: [],
  };
}
