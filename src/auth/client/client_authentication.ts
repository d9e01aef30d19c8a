import {
  type AuthorizationServer,
  signAssertion,
  signAssertionWithSecret,
} from "../oauth4webapi.ts";
import type { SecretReader, SecretSource } from "./secret_source.ts";

/** What the client can prove its identity with. */
export interface Credentials {
  /** Client secret. */
  readonly secret?: SecretSource;
  /** Private key, PEM or JWK, with what the user says of it. */
  readonly privateKey?: SecretSource & { readonly alg?: string; readonly kid?: string };
  /** A JWT of another issuer that speaks for the client (RFC 7523 section 2.2), read at each use. */
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

/** One method, by its name of RFC 7591 section 2 (`token_endpoint_auth_method`). */
interface Method {
  readonly name: string;
  /** Whether the credentials are enough for it. */
  can(credentials: Credentials): boolean;
  /** Whether who receives the credential could use it at another server. */
  discloses?(credentials: Credentials): boolean;
  /** Whether it signs an assertion of its own, which has an audience and times. */
  signs?(credentials: Credentials): boolean;
  /** Puts the credential into a token request. */
  authenticate(credentials: Credentials): Authenticate;
}

/**
 * All methods, strongest first: a key that never leaves, then a certificate, then a secret, then
 * nothing. A server's metadata lists what it can do at all, not what this client is registered for,
 * so that among the methods of a secret the first is the default of registration (RFC 7591).
 */
const METHODS: readonly Method[] = [
  {
    name: "private_key_jwt",
    can: ({ privateKey, assertion }) => Boolean(privateKey ?? assertion),
    discloses: ({ privateKey }) => !privateKey,
    signs: ({ privateKey }) => privateKey !== undefined,
    authenticate: ({ privateKey, assertion }) =>
      privateKey ? signedAssertion(privateKey) : foreignAssertion(assertion!),
  },
  { name: "tls_client_auth", can: hasCertificate, authenticate: () => identify },
  { name: "self_signed_tls_client_auth", can: hasCertificate, authenticate: () => identify },
  {
    name: "client_secret_basic",
    can: hasSecret,
    discloses: () => true,
    authenticate: ({ secret }) => async ({ clientId, headers }) => {
      const pair = `${formEncoded(clientId)}:${formEncoded(await secret!.get())}`;
      headers.authorization = `Basic ${btoa(pair)}`;
    },
  },
  {
    name: "client_secret_post",
    can: hasSecret,
    discloses: () => true,
    authenticate: ({ secret }) => async (request) => {
      identify(request);
      request.form.set("client_secret", await secret!.get());
    },
  },
  {
    name: "client_secret_jwt",
    can: hasSecret,
    signs: () => true,
    authenticate: ({ secret }) => async (request) => {
      setAssertion(request, await signAssertionWithSecret(await secret!.get(), request));
    },
  },
  { name: "none", can: () => true, authenticate: () => identify },
];

/** The methods that are assumed if a server lists none (RFC 8414 section 2 for secrets). */
export const UNLISTED = ["private_key_jwt", "tls_client_auth", "client_secret_basic", "none"];

/** A method that has been chosen. */
export interface ClientAuthentication {
  /** Its name. */
  readonly method: string;
  /** Whether who receives the credential could use it at another server. */
  readonly discloses: boolean;
  /** Whether it signs an assertion of its own, which has an audience and times. */
  readonly signs: boolean;
  /** Puts the credential into a token request. */
  readonly authenticate: Authenticate;
}

/**
 * The strongest method that the credentials are enough for and that the server takes. A credential
 * that the server has no method for is not sent in any other way.
 *
 * @param supported methods that the server takes
 * @param asked the user's choice, which needs nobody's consent
 * @returns `undefined` if there is no such method
 */
export function chooseMethod(
  credentials: Credentials,
  supported: readonly string[],
  asked?: string,
): ClientAuthentication | undefined {
  const method = METHODS.find(({ name, can }) =>
    asked ? name === asked : supported.includes(name) && can(credentials)
  );
  return method && {
    method: method.name,
    discloses: method.discloses?.(credentials) ?? false,
    signs: method.signs?.(credentials) ?? false,
    authenticate: method.authenticate(credentials),
  };
}

function hasCertificate({ certificate }: Credentials): boolean {
  return certificate === true;
}

function hasSecret({ secret }: Credentials): boolean {
  return secret !== undefined;
}

/**
 * As RFC 6749 appendix B has it, and no more: `-`, `.`, `_`, `*` and `~` stay, since many servers
 * compare without decoding. oauth4webapi encodes these as well.
 */
export function formEncoded(text: string): string {
  return new URLSearchParams({ text }).toString().slice("text=".length).replaceAll("%7E", "~");
}

/** Names the client, which is all that a public client or one with a certificate does. */
function identify({ clientId, form }: UnauthenticatedRequest): void {
  form.set("client_id", clientId);
}

function setAssertion(request: UnauthenticatedRequest, assertion: string): void {
  identify(request);
  const { form } = request;
  form.set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
  form.set("client_assertion", assertion);
}

/** An assertion signed with the client's key. */
function signedAssertion(
  { get, alg, kid }: NonNullable<Credentials["privateKey"]>,
): Authenticate {
  return async (request) => {
    const { importPrivateKey } = await import("../../settings/private_key.ts");
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

/** An assertion as it is: a projected token of Kubernetes, the OIDC token of a CI. */
function foreignAssertion(read: SecretReader): Authenticate {
  return async (request) => setAssertion(request, await read());
}
