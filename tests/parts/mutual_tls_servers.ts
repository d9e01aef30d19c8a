import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { decodeJwt, exportJWK, importX509 } from "jose";
import type * as OidcProvider from "oidc-provider/types";
import type { CertificateAuthority, Identity } from "./certificates.ts";
import { oidcConfiguration } from "./oidc_configuration.ts";
import { Provider } from "./oidc_provider.ts";

/** Client authentication methods that get certificate-bound tokens here (RFC 8705). */
export const TLS_METHODS = [
  "tls_client_auth",
  "self_signed_tls_client_auth",
  "client_secret_basic",
] as const;

/** Servers whose tokens are bound to the client's certificate. */
export interface MutualTlsServers extends AsyncDisposable {
  readonly issuer: string;
  /** The MCP endpoint, behind mutual TLS. */
  readonly url: string;
  /** Every request to a token endpoint: whether it came to the one for mutual TLS. */
  readonly tokenRequests: readonly { readonly mutual: boolean }[];
  /** Every request to the MCP endpoint with a token: whether that is bound to its certificate. */
  readonly calls: readonly { readonly bound: boolean }[];
}

/**
 * Starts oidc-provider and an MCP server on 127.0.0.1, each of them once with TLS and once with mutual
 * TLS, for which metadata names an endpoint of its own (RFC 8705, section 5).
 *
 * @param client certificate of the clients, which are called as their methods are
 */
export async function startMutualTlsServers(
  authority: CertificateAuthority,
  client: Identity,
): Promise<MutualTlsServers> {
  const identity = await authority.issue("localhost", "127.0.0.1");
  const tokenRequests: { mutual: boolean }[] = [];
  const calls: { bound: boolean }[] = [];

  const plain = createServer(identity);
  const mutual = createServer({ ...identity, ca: authority.cert, requestCert: true });
  for (const server of [plain, mutual]) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  }
  const originOf = (server: typeof plain) =>
    `https://localhost:${(server.address() as AddressInfo).port}`;
  const issuer = originOf(plain);
  const url = `${originOf(mutual)}/mcp`;

  const configuration = await oidcConfiguration({
    clients: [],
    resources: new Map([[url, ["mcp:tools"]]]),
  });
  const provider = new Provider(issuer, {
    ...configuration,
    clients: await Promise.all(TLS_METHODS.map((method) => clientMetadata(method, client))),
    clientAuthMethods: [...TLS_METHODS],
    discovery: { mtls_endpoint_aliases: { token_endpoint: `${originOf(mutual)}/token` } },
    features: {
      ...configuration.features,
      mTLS: {
        enabled: true,
        certificateBoundAccessTokens: true,
        tlsClientAuth: true,
        selfSignedTlsClientAuth: true,
        getCertificate: ({ req }) => certificateOf(req)?.toString("base64"),
        certificateAuthorized: ({ req }) => (req.socket as TLSSocket).authorized,
        certificateSubjectMatches: ({ req }, _property, expected) =>
          `CN=${(req.socket as TLSSocket).getPeerCertificate().subject.CN}` === expected,
      },
    },
  });
  const authorize = provider.callback();

  function answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.url === "/mcp") return void answerMcp(request, response);
    if (request.url!.includes("oauth-protected-resource")) {
      return send(response, 200, { resource: url, authorization_servers: [issuer] });
    }
    if (request.url === "/token") {
      tokenRequests.push({ mutual: certificateOf(request) !== undefined });
    }
    authorize(request, response);
  }

  async function answerMcp(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = request.headers.authorization?.replace("Bearer ", "");
    if (token === undefined) return send(response, 401, {});
    const { cnf } = decodeJwt(token) as { cnf?: { "x5t#S256"?: string } };
    const bound = cnf?.["x5t#S256"] === thumbprint(certificateOf(request)!);
    calls.push({ bound });
    if (!bound) return send(response, 401, {});
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const { id } = text === "" ? {} : JSON.parse(text);
    send(response, id === undefined ? 202 : 200, { jsonrpc: "2.0", id, result: {} });
  }

  for (const server of [plain, mutual]) server.on("request", answer);
  return {
    issuer,
    url,
    tokenRequests,
    calls,
    async [Symbol.asyncDispose]() {
      await Promise.all([plain, mutual].map((server) =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        })
      ));
    },
  };
}

async function clientMetadata(
  method: typeof TLS_METHODS[number],
  { cert }: Identity,
): Promise<OidcProvider.ClientMetadata> {
  const publicKey = await exportJWK(await importX509(cert, "ES256", { extractable: true }));
  const key = { ...publicKey, kty: "EC" as const, x5c: [cert.replace(/-----[^-]+-----|\s/g, "")] };
  return {
    client_id: method,
    client_secret: method === "client_secret_basic" ? "secret" : undefined,
    token_endpoint_auth_method: method,
    tls_client_certificate_bound_access_tokens: true,
    tls_client_auth_subject_dn: method === "tls_client_auth" ? "CN=test-client" : undefined,
    jwks: method === "self_signed_tls_client_auth" ? { keys: [key] } : undefined,
    grant_types: ["client_credentials"],
    redirect_uris: [],
    response_types: [],
  };
}

function certificateOf({ socket }: IncomingMessage): Buffer | undefined {
  const raw = (socket as TLSSocket).getPeerCertificate()?.raw;
  // Deno gives a plain array of bytes.
  return raw && Buffer.from(raw);
}

function thumbprint(certificate: Buffer): string {
  return createHash("sha256").update(certificate).digest("base64url");
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
