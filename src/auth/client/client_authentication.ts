/** Chooses the client authentication method, and adds the credential to token requests. */

import type { AuthorizationServer } from "../oauth4webapi.ts";
import type { SecretReader, SecretSource } from "./secret_source.ts";

/** What the client can prove its identity with. */
export interface Credentials {
  /** Client secret. */
  readonly secret?: SecretSource;
  /** Private key (PEM or JWK), with its algorithm and ID if the user set them. */
  readonly privateKey?: SecretSource & { readonly alg?: string; readonly kid?: string };
  /** A JWT of another issuer that identifies the client (RFC 7523 section 2.2), read at each use. */
  readonly assertion?: SecretReader;
  /** Whether connections are made with a client certificate. */
  readonly certificate?: boolean;
}

/** A token request that a client authenticates. */
export interface UnauthenticatedRequest {
  /** The authorization server. */
  readonly server: AuthorizationServer;
  /** The client's ID. */
  readonly clientId: string;
  /** Who an assertion is for. */
  readonly audience: string;
  /** When an assertion is made, in seconds since 1970. */
  readonly issuedAt: number;
  /** Parameters, to which the credential may be added. */
  readonly form: URLSearchParams;
  /** Headers, to which the credential may be added. */
  readonly headers: Record<string, string>;
}

/** Puts a credential into a token request. */
export type Authenticate = (request: UnauthenticatedRequest) => void | Promise<void>;

/** One method, by its name in RFC 7591 section 2 (`token_endpoint_auth_method`). */
interface Method {
  readonly name: string;
  /** Whether a server that receives the credential could use it at another server. */
  discloses?(credentials: Credentials): boolean;
  /** Whether it signs an assertion of its own, which has an audience and times. */
  signs?(credentials: Credentials): boolean;
  /** What puts the credential into a token request; `undefined` if there is no such credential. */
  authenticate(credentials: Credentials): Authenticate | undefined;
}

/**
 * All methods, strongest first: a key that is never sent, then a certificate, then a secret, then
 * nothing. A server's metadata lists what the server supports, not what this client is registered
 * for; therefore the first method for a secret is the default of registration (RFC 7591).
 */
const METHODS: readonly Method[] = [
  {
    name: "private_key_jwt",
    discloses: ({ privateKey }) => !privateKey,
    signs: ({ privateKey }) => privateKey !== undefined,
    authenticate: ({ privateKey, assertion }) =>
      privateKey ? signedAssertion(privateKey) : assertion && foreignAssertion(assertion),
  },
  { name: "tls_client_auth", authenticate: identifyWithCertificate },
  { name: "self_signed_tls_client_auth", authenticate: identifyWithCertificate },
  {
    name: "client_secret_basic",
    discloses: () => true,
    authenticate: withSecret(({ clientId, headers }, secret) => {
      headers.authorization = `Basic ${btoa(`${formEncoded(clientId)}:${formEncoded(secret)}`)}`;
    }),
  },
  {
    name: "client_secret_post",
    discloses: () => true,
    authenticate: withSecret((request, secret) => {
      identify(request);
      request.form.set("client_secret", secret);
    }),
  },
  {
    name: "client_secret_jwt",
    signs: () => true,
    authenticate: withSecret(async (request, secret) => {
      const { signAssertionWithSecret } = await import("../oauth4webapi.ts");
      setAssertion(request, await signAssertionWithSecret(secret, request));
    }),
  },
  { name: "none", authenticate: () => identify },
];

/** The methods that are assumed if a server lists none (RFC 8414 section 2 for secrets). */
export const UNLISTED = ["private_key_jwt", "tls_client_auth", "client_secret_basic", "none"];

/** The method that the client uses at a server. */
export interface ClientAuthentication {
  /** Its name. */
  readonly method: string;
  /** Whether a server that receives the credential could use it at another server. */
  readonly discloses: boolean;
  /** Whether it signs an assertion of its own, which has an audience and times. */
  readonly signs: boolean;
  /** Puts the credential into a token request. */
  readonly authenticate: Authenticate;
}

/**
 * The strongest method that the server supports and that there is a credential for. A credential that
 * the server has no method for is not sent in another way.
 *
 * @param supported methods that the server supports
 * @param asked the user's choice, whatever the server supports
 * @returns `undefined` if there is no such method
 */
export function chooseMethod(
  credentials: Credentials,
  supported: readonly string[],
  asked?: string,
): ClientAuthentication | undefined {
  for (const { name, discloses, signs, authenticate } of METHODS) {
    if (asked ? name !== asked : !supported.includes(name)) continue;
    const found = authenticate(credentials);
    if (!found) continue;
    return {
      method: name,
      discloses: discloses?.(credentials) ?? false,
      signs: signs?.(credentials) ?? false,
      authenticate: found,
    };
  }
}

/** A method that sends or uses the client secret, which is read for each request. */
function withSecret(
  authenticate: (request: UnauthenticatedRequest, secret: string) => void | Promise<void>,
): Method["authenticate"] {
  return ({ secret }) =>
    secret && (async (request) => await authenticate(request, await secret.get()));
}

function identifyWithCertificate({ certificate }: Credentials): Authenticate | undefined {
  return certificate ? identify : undefined;
}

/**
 * Encodes as RFC 6749 appendix B requires, and no more: `-`, `.`, `_`, `*` and `~` stay, since many
 * servers compare without decoding. oauth4webapi encodes these as well.
 */
export function formEncoded(text: string): string {
  return new URLSearchParams({ text }).toString().slice("text=".length).replaceAll("%7E", "~");
}

/** Adds only the client's ID, as a public client or one with a certificate does. */
function identify({ clientId, form }: UnauthenticatedRequest): void {
  form.set("client_id", clientId);
}

function setAssertion(request: UnauthenticatedRequest, assertion: string): void {
  identify(request);
  const { form } = request;
  form.set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
  form.set("client_assertion", assertion);
}

/** Sends an assertion that is signed with the client's key. */
function signedAssertion(
  { get, alg, kid }: NonNullable<Credentials["privateKey"]>,
): Authenticate {
  return async (request) => {
    const { importPrivateKey } = await import("../../settings/private_key.ts");
    const { signAssertion } = await import("../oauth4webapi.ts");
    const supported = request.server.token_endpoint_auth_signing_alg_values_supported;
    const signing = await importPrivateKey(await get(), alg, supported);
    const header = (name: string) => ({
      // RFC 9864 gave the algorithm this name in 2025; few servers know it yet.
      alg: name === "Ed25519" ? alg ?? nameOfEd25519(supported) : name,
      kid: kid ?? signing.kid,
      // Entra finds the certificate by it; other servers ignore it.
      "x5t#S256": signing.thumbprint,
    });
    setAssertion(request, await signAssertion({ key: signing.key, header }, request));
  };
}

function nameOfEd25519(supported: readonly string[] = []): string {
  return supported.includes("Ed25519") && !supported.includes("EdDSA") ? "Ed25519" : "EdDSA";
}

/** Sends an assertion as it is: a projected token of Kubernetes, the OIDC token of a CI. */
function foreignAssertion(read: SecretReader): Authenticate {
  return async (request) => setAssertion(request, await read());
}
