import type { AuthorizationServer } from "oauth4webapi";
import { ProxyError } from "../../errors.ts";
import type { HttpClient } from "../../runtime/types.ts";
import { findAuthorizationServer } from "../discovery/authorization_server.ts";
import { chooseMethod, type Credentials, UNLISTED } from "../client/client_authentication.ts";
import type { SecretReader } from "../client/secret_source.ts";
import { bareServer, type Target } from "../tokens/target.ts";
import { sendTokenRequest } from "../tokens/token_request.ts";
import type { UrlPolicy } from "../discovery/url_policy.ts";

/** The identity provider, and who we are there. */
export interface IdentityProvider {
  /** Its issuer, or its token endpoint. */
  readonly issuer?: string;
  readonly tokenEndpoint?: string;
  /** Our client id there. */
  readonly clientId: string;
  /** What we can prove that with. */
  readonly credentials: Credentials;
  /** Reads the user's identity assertion. */
  readonly identity: SecretReader;
  /** What that is: `id_token` or `saml2`. */
  readonly identityType: string;
}

const TYPE = "urn:ietf:params:oauth:token-type:";
const ID_JAG = `${TYPE}id-jag`;

/**
 * Creates the token exchange of MCP's "Enterprise-Managed Authorization" (section 4, RFC 8693): the
 * user's identity assertion for an identity assertion authorization grant (ID-JAG), which is good at
 * the MCP server's authorization server.
 *
 * @returns gives the grant; rejects with a `ProxyError` or a `TransientError`
 */
export function createExchange(
  provider: IdentityProvider,
  { http, metadata }: { http: HttpClient; metadata: HttpClient },
  policy: UrlPolicy,
): (target: Target) => Promise<string> {
  let known: Promise<AuthorizationServer> | undefined;

  return async ({ server, resource, scope }) => {
    known ??= findProvider(provider, metadata, policy);
    known.catch(() => known = undefined);
    const identityProvider = await known;
    const methods = identityProvider.token_endpoint_auth_methods_supported ?? UNLISTED;
    const chosen = chooseMethod(provider.credentials, methods);
    if (!chosen) {
      throw failure(
        `the identity provider takes ${methods.join(", ")}, but no credential for it is set`,
      );
    }
    const { value } = await sendTokenRequest({
      server: identityProvider,
      clientId: provider.clientId,
      clientAuthentication: chosen.authenticate,
      grantType: "urn:ietf:params:oauth:grant-type:token-exchange",
      parameters: new URLSearchParams({
        requested_token_type: ID_JAG,
        audience: server.issuer,
        ...(resource && { resource }),
        ...(scope && { scope }),
        subject_token: await provider.identity(),
        subject_token_type: TYPE + provider.identityType,
      }),
      issuedTokenType: ID_JAG,
      hint: "Check MCP_IDP_TOKEN_URL or MCP_IDP_ISSUER",
    }, http);
    return value;
  };
}

async function findProvider(
  { issuer, tokenEndpoint }: IdentityProvider,
  http: HttpClient,
  policy: UrlPolicy,
): Promise<AuthorizationServer> {
  if (tokenEndpoint) return bareServer(tokenEndpoint);
  const server = await findAuthorizationServer(issuer!, http, policy);
  if (!server) throw failure(`${issuer} publishes no metadata. Set MCP_IDP_TOKEN_URL`);
  return server;
}

function failure(problem: string): ProxyError {
  return new ProxyError("token", `OAuth token exchange failed: ${problem}`, { mayHaveRun: false });
}
