/** The proxy's settings for a scenario, made from what the suite gives its client. */

import type { Json } from "./stdio_client.ts";

/** What the suite tells its client. */
export interface Given {
  /** Name of the scenario. */
  readonly scenario: string;
  /** URL of the scenario's MCP server. */
  readonly serverUrl: string;
  /** `MCP_CONFORMANCE_CONTEXT`, or an empty object. */
  readonly context: Json;
}

/** Where the proxy gets a token in scenarios that are not about authorization. */
export interface TokenSource {
  /** URL of a token endpoint that gives a token to anybody. */
  readonly tokenEndpoint: string;
  /** Writes a file that lives as long as the client, and gives its path. */
  secretFile(text: string): string;
}

/** A client that the scenario's authorization server knows nothing of, since it takes any. */
const anyClient = { MCP_CLIENT_ID: "conformance-client", MCP_CLIENT_SECRET: "conformance-secret" };

/** Settings for the scenarios that need other than {@linkcode anyClient}. */
const special: Record<string, (context: Json, source: TokenSource) => Json> = {
  "auth/client-credentials-jwt": ({ client_id, private_key_pem, signing_algorithm }) => ({
    MCP_CLIENT_ID: client_id,
    MCP_PRIVATE_KEY: private_key_pem,
    MCP_PRIVATE_KEY_ALG: signing_algorithm,
  }),
  "auth/client-credentials-basic": clientSecret,
  "auth/pre-registration": (context) => ({
    ...clientSecret(context),
    MCP_AUTH_ISSUER: context.issuer,
  }),
  "auth/token-endpoint-auth-none": () => ({ MCP_CLIENT_ID: "conformance-client" }),
  "auth/wif-jwt-bearer": ({ client_id, valid_jwt }, source) => ({
    MCP_CLIENT_ID: client_id,
    MCP_GRANT: "jwt-bearer",
    MCP_ASSERTION_FILE: source.secretFile(String(valid_jwt)),
  }),
  "auth/enterprise-managed-authorization": enterpriseManaged,
  "auth/cross-app-access-complete-flow": enterpriseManaged,
  "auth/dpop": () => ({ ...anyClient, MCP_DPOP: "true" }),
  "auth/dpop-nonce": () => ({ ...anyClient, MCP_DPOP: "true" }),
};

function clientSecret({ client_id, client_secret }: Json): Json {
  return { MCP_CLIENT_ID: client_id, MCP_CLIENT_SECRET: client_secret };
}

function enterpriseManaged(context: Json, source: TokenSource): Json {
  return {
    ...clientSecret(context),
    MCP_GRANT: "enterprise-managed",
    MCP_IDP_TOKEN_URL: context.idp_token_endpoint,
    MCP_IDP_CLIENT_ID: context.idp_client_id,
    MCP_ID_TOKEN_FILE: source.secretFile(String(context.idp_id_token)),
  };
}

/** Environment variables for the proxy; those of the machine itself are not among them. */
export function settingsFor(given: Given, source: TokenSource): Record<string, string> {
  const { scenario, serverUrl, context } = given;
  const settings: Json = {
    MCP_SERVER_URL: serverUrl,
    MCP_AUTH_SERVER_URL: scenario.startsWith("auth/") ? "discover" : source.tokenEndpoint,
    MCP_LOG_LEVEL: "debug",
    ...special[scenario]?.(context, source) ?? anyClient,
  };
  const set = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(set.map(([name, value]) => [name, String(value)]));
}
