import { ProxyError } from "../../errors.ts";
import type { HttpClient } from "../../runtime/types.ts";
import type { SecretReader } from "../client/secret_source.ts";
import { findAuthorizationServer } from "../discovery/authorization_server.ts";
import type { UrlPolicy } from "../discovery/url_policy.ts";
import type { AuthorizationServer } from "../oauth4webapi.ts";
import { bareServer } from "../tokens/target.ts";
import type { TokenClient } from "../tokens/token_client.ts";
import type { AssertionFor } from "./jwt_bearer.ts";

/** The identity provider, and what the user is known by there. */
export interface IdentityProvider {
  /** Its issuer, or its token endpoint. */
  readonly issuer?: string;
  readonly tokenEndpoint?: string;
  /** Requests tokens as the client that is registered there. */
  readonly client: TokenClient;
  /** Reads the user's identity assertion. */
  readonly identity: SecretReader;
  /** What that is: `id_token` or `saml2`. */
  readonly identityType: string;
}

const GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange";
const TYPE = "urn:ietf:params:oauth:token-type:";
const ID_JAG = `${TYPE}id-jag`;

/**
 * Creates the token exchange of MCP's "Enterprise-Managed Authorization" (section 4, RFC 8693): the
 * user's identity assertion for an identity assertion authorization grant (ID-JAG), which the MCP
 * server's authorization server accepts as the assertion of jwt-bearer.
 *
 * @param http sends requests for the identity provider's metadata
 * @returns rejects with a `ProxyError` or a `TransientError`
 */
export function createIdentityExchange(
  provider: IdentityProvider,
  http: HttpClient,
  policy: UrlPolicy,
): AssertionFor {
  const { client, identity, identityType } = provider;
  let known: Promise<AuthorizationServer> | undefined;

  return async ({ server, resource, scope }, left) => {
    known ??= findProvider(provider, http, policy);
    known.catch(() => known = undefined);
    const parameters = {
      requested_token_type: ID_JAG,
      audience: server.issuer,
      subject_token: await identity(),
      subject_token_type: TYPE + identityType,
    };
    const target = { server: await known, resource, scope };
    const request = { grantType: GRANT_TYPE, parameters, issuedTokenType: ID_JAG };
    return (await client.send(target, request, left)).accessToken;
  };
}

async function findProvider(
  { issuer, tokenEndpoint }: IdentityProvider,
  http: HttpClient,
  policy: UrlPolicy,
): Promise<AuthorizationServer> {
  if (tokenEndpoint) return bareServer(tokenEndpoint);
  const server = issuer && await findAuthorizationServer(issuer, http, policy);
  if (server) return server;
  throw new ProxyError(
    "token",
    `OAuth token exchange failed: ${issuer} publishes no metadata. Set MCP_IDP_TOKEN_URL`,
    { mayHaveRun: false },
  );
}
