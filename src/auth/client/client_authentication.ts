import * as oauth from "oauth4webapi";
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

/** One method, by its name of RFC 7591 section 2 (`token_endpoint_auth_method`). */
interface Method {
  readonly name: string;
  /** Whether the credentials are enough for it. */
  can(credentials: Credentials): boolean;
  /** Whether who receives the credential could use it at another server. */
  discloses?(credentials: Credentials): boolean;
  /** Puts the credential into a token request. */
  authenticate(credentials: Credentials): oauth.ClientAuth;
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
    authenticate: ({ privateKey, assertion }) =>
      privateKey ? signedAssertion(privateKey) : foreignAssertion(assertion!),
  },
  { name: "tls_client_auth", can: hasCertificate, authenticate: oauth.TlsClientAuth },
  { name: "self_signed_tls_client_auth", can: hasCertificate, authenticate: oauth.TlsClientAuth },
  {
    name: "client_secret_basic",
    can: hasSecret,
    discloses: () => true,
    authenticate: ({ secret }) => async (_server, { client_id }, _body, headers) => {
      const pair = `${formEncoded(client_id)}:${formEncoded(await secret!.get())}`;
      headers.set("authorization", `Basic ${btoa(pair)}`);
    },
  },
  {
    name: "client_secret_post",
    can: hasSecret,
    discloses: () => true,
    authenticate: ({ secret }) => async (...request) =>
      oauth.ClientSecretPost(await secret!.get())(...request),
  },
  {
    name: "client_secret_jwt",
    can: hasSecret,
    authenticate: ({ secret }) => async (...request) =>
      oauth.ClientSecretJwt(await secret!.get())(...request),
  },
  { name: "none", can: () => true, authenticate: oauth.None },
];

/** The methods that are assumed if a server lists none (RFC 8414 section 2 for secrets). */
export const UNLISTED = ["private_key_jwt", "tls_client_auth", "client_secret_basic", "none"];

/** A method that has been chosen. */
export interface ClientAuthentication {
  /** Its name. */
  readonly method: string;
  /** Whether who receives the credential could use it at another server. */
  readonly discloses: boolean;
  /** Puts the credential into a token request. */
  readonly authenticate: oauth.ClientAuth;
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

/** An assertion signed with the client's key; its audience is the issuer. */
function signedAssertion(
  { get, alg, kid }: NonNullable<Credentials["privateKey"]>,
): oauth.ClientAuth {
  return async (server, ...request) => {
    const { importPrivateKey } = await import("../../settings/private_key.ts");
    const supported = server.token_endpoint_auth_signing_alg_values_supported;
    const signing = await importPrivateKey(await get(), alg, supported);
    const authenticate = oauth.PrivateKeyJwt({ key: signing.key, kid: kid ?? signing.kid }, {
      [oauth.modifyAssertion](header) {
        // Entra finds the certificate by it; others do not look at it.
        if (signing.thumbprint) header["x5t#S256"] = signing.thumbprint;
        if (header.alg !== "Ed25519") return;
        // RFC 9864 gave the algorithm this name in 2025; few servers know it yet.
        const known = supported?.includes("Ed25519") && !supported.includes("EdDSA");
        header.alg = alg ?? (known ? "Ed25519" : "EdDSA");
      },
    });
    await authenticate(server, ...request);
  };
}

/** An assertion as it is: a projected token of Kubernetes, the OIDC token of a CI. */
function foreignAssertion(read: SecretReader): oauth.ClientAuth {
  return async (_server, { client_id }, body) => {
    body.set("client_id", client_id);
    body.set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    body.set("client_assertion", await read());
  };
}
