import { FORMATS, LEVELS } from "../log/log.ts";
import {
  commandLine,
  headerLines,
  issuerIdentifier,
  patternList,
  positiveInteger,
  resourceIndicator,
  scopeList,
  tokenCache,
  tokenEndpoint,
  tokenParameters,
  webAddress,
} from "./values.ts";

/** Groups of settings, in the order in which they are shown. */
export const GROUPS = {
  required: "Required",
  common: "Common",
  credentials: "Credentials",
  tokens: "Tokens",
  network: "Network and limits",
  enterprise: "Enterprise-managed authorization",
} as const;

/** One row of the table of settings. */
export interface Setting {
  /** Environment variable. */
  readonly variable: string;
  /** Member of `Settings`, and of the library's options. */
  readonly key: string;
  /** The group of `--help` and the documentation that it belongs to. */
  readonly group: keyof typeof GROUPS;
  /** What it means, in a few words. */
  readonly meaning: string;
  /** What applies if it is not set, for people to read. */
  readonly default?: string;
  /** A secret has no option: other users of the machine can see the arguments. */
  readonly secret?: true;
  /** An option that needs no value. */
  readonly switch?: true;
  /** The values that it can have. */
  readonly values?: readonly string[];
  /** The key of the setting whose text is in the file that this setting names. */
  readonly holds?: string;
  /** Returns the typed value; throws an `Error` that says what is wrong. */
  readonly read: (text: string) => unknown;
}

const asIs = (text: string) => text;

/** What all switches have in common. */
const SWITCH = {
  default: "false",
  switch: true,
  values: ["true", "false"],
  read: (text: string) => text === "true",
} as const;

/** The one table of settings. Reading, validation, `--help` and the documentation use it. */
export const SETTINGS: readonly Setting[] = [
  {
    variable: "MCP_CLIENT_ID",
    key: "clientId",
    group: "required",
    meaning: "client ID",
    read: asIs,
  },
  {
    variable: "MCP_CLIENT_SECRET",
    key: "clientSecret",
    group: "common",
    meaning: "client secret",
    secret: true,
    read: asIs,
  },
  {
    variable: "MCP_CLIENT_SECRET_FILE",
    key: "clientSecretFile",
    group: "common",
    holds: "clientSecret",
    meaning: "file that contains the client secret",
    read: asIs,
  },
  {
    variable: "MCP_CLIENT_SECRET_COMMAND",
    key: "clientSecretCommand",
    group: "common",
    meaning: "command that prints the client secret, for example `op read op://vault/item/secret`",
    read: commandLine,
  },
  {
    variable: "MCP_SERVER_URL",
    key: "serverUrl",
    group: "required",
    meaning: "URL of the MCP server",
    read: webAddress,
  },
  {
    variable: "MCP_AUTH_SERVER_URL",
    key: "authServerUrl",
    group: "tokens",
    meaning: "token endpoint; `discover` uses only the one that the MCP server publishes",
    default:
      "discovered; if the MCP server is on perforce.com or loopback and publishes none, the Perforce Keycloak",
    read: tokenEndpoint,
  },
  {
    variable: "MCP_AUTH_ISSUER",
    key: "authIssuer",
    group: "common",
    meaning: "issuer of the authorization server; only this server receives the credential",
    read: issuerIdentifier,
  },
  {
    variable: "MCP_AUTH_METHOD",
    key: "authMethod",
    group: "credentials",
    meaning: "client authentication method at the token endpoint",
    default: "from metadata; with MCP_AUTH_SERVER_URL, client_secret_post",
    values: [
      "client_secret_basic",
      "client_secret_post",
      "client_secret_jwt",
      "private_key_jwt",
      "tls_client_auth",
      "self_signed_tls_client_auth",
      "none",
    ],
    read: asIs,
  },
  {
    variable: "MCP_PRIVATE_KEY",
    key: "privateKey",
    group: "credentials",
    meaning: "private key for private_key_jwt, as PKCS#8 PEM or JWK",
    secret: true,
    read: asIs,
  },
  {
    variable: "MCP_PRIVATE_KEY_FILE",
    key: "privateKeyFile",
    group: "credentials",
    holds: "privateKey",
    meaning: "file that contains the private key",
    read: asIs,
  },
  {
    variable: "MCP_PRIVATE_KEY_COMMAND",
    key: "privateKeyCommand",
    group: "credentials",
    meaning: "command that prints the private key",
    read: commandLine,
  },
  {
    variable: "MCP_PRIVATE_KEY_ALG",
    key: "privateKeyAlg",
    group: "credentials",
    meaning: "JWS algorithm of the private key",
    default: "from the key",
    values: [
      "RS256",
      "RS384",
      "RS512",
      "PS256",
      "PS384",
      "PS512",
      "ES256",
      "ES384",
      "ES512",
      "EdDSA",
      "Ed25519",
    ],
    read: asIs,
  },
  {
    variable: "MCP_PRIVATE_KEY_ID",
    key: "privateKeyId",
    group: "credentials",
    meaning: "key ID (`kid`) of the private key",
    default: "from the JWK",
    read: asIs,
  },
  {
    variable: "MCP_CLIENT_CERT_FILE",
    key: "clientCertFile",
    group: "credentials",
    holds: "clientCert",
    meaning: "client certificate chain (PEM) for mutual TLS (RFC 8705)",
    read: asIs,
  },
  {
    variable: "MCP_CLIENT_KEY_FILE",
    key: "clientKeyFile",
    group: "credentials",
    holds: "clientKey",
    meaning: "private key (PEM) of the client certificate",
    read: asIs,
  },
  {
    variable: "MCP_CA_FILE",
    key: "caFile",
    group: "network",
    holds: "ca",
    meaning: "certificate authorities (PEM) to trust in addition to those of the system",
    read: asIs,
  },
  {
    variable: "MCP_GRANT",
    key: "grant",
    group: "tokens",
    meaning: "OAuth grant",
    default: "client_credentials",
    values: ["client_credentials", "jwt-bearer", "enterprise-managed"],
    read: asIs,
  },
  {
    variable: "MCP_ASSERTION_FILE",
    key: "assertionFile",
    group: "tokens",
    meaning:
      "file that contains a JWT, read for each token: the assertion of the grant jwt-bearer, otherwise the client assertion",
    read: asIs,
  },
  {
    variable: "MCP_ASSERTION_COMMAND",
    key: "assertionCommand",
    group: "tokens",
    meaning: "command that prints this JWT, run for each token",
    read: commandLine,
  },
  {
    variable: "MCP_ID_TOKEN_FILE",
    key: "idTokenFile",
    group: "enterprise",
    meaning: "file that contains the user's identity assertion, read for each token",
    read: asIs,
  },
  {
    variable: "MCP_ID_TOKEN_COMMAND",
    key: "idTokenCommand",
    group: "enterprise",
    meaning: "command that prints the user's identity assertion, run for each token",
    read: commandLine,
  },
  {
    variable: "MCP_ID_TOKEN_TYPE",
    key: "idTokenType",
    group: "enterprise",
    meaning: "type of the identity assertion",
    default: "id_token",
    values: ["id_token", "saml2"],
    read: asIs,
  },
  {
    variable: "MCP_IDP_ISSUER",
    key: "idpIssuer",
    group: "enterprise",
    meaning: "issuer of the identity provider",
    read: issuerIdentifier,
  },
  {
    variable: "MCP_IDP_TOKEN_URL",
    key: "idpTokenUrl",
    group: "enterprise",
    meaning: "token endpoint of the identity provider, instead of its issuer",
    read: webAddress,
  },
  {
    variable: "MCP_IDP_CLIENT_ID",
    key: "idpClientId",
    group: "enterprise",
    meaning: "client ID at the identity provider",
    default: "MCP_CLIENT_ID",
    read: asIs,
  },
  {
    variable: "MCP_IDP_CLIENT_SECRET",
    key: "idpClientSecret",
    group: "enterprise",
    meaning: "client secret at the identity provider",
    secret: true,
    read: asIs,
  },
  {
    variable: "MCP_IDP_CLIENT_SECRET_FILE",
    key: "idpClientSecretFile",
    group: "enterprise",
    holds: "idpClientSecret",
    meaning: "file that contains the client secret at the identity provider",
    read: asIs,
  },
  {
    variable: "MCP_IDP_CLIENT_SECRET_COMMAND",
    key: "idpClientSecretCommand",
    group: "enterprise",
    meaning: "command that prints the client secret at the identity provider",
    read: commandLine,
  },
  {
    variable: "MCP_SCOPE",
    key: "scope",
    group: "common",
    meaning: "scopes to request, separated by spaces; the MCP server cannot add others",
    default: "the scopes that the MCP server asks for",
    read: scopeList,
  },
  {
    variable: "MCP_RESOURCE",
    key: "resource",
    group: "tokens",
    meaning: "resource to request a token for (RFC 8707); `none` sends none",
    default: "the resource that the MCP server publishes",
    read: resourceIndicator,
  },
  {
    variable: "MCP_TOKEN_PARAMS",
    key: "tokenParams",
    group: "tokens",
    meaning: "additional token request parameters, as a query string (`audience=…`)",
    read: tokenParameters,
  },
  {
    variable: "MCP_DPOP",
    key: "dpop",
    group: "tokens",
    meaning: "`true` binds tokens to a key with DPoP (RFC 9449)",
    ...SWITCH,
  },
  {
    variable: "MCP_TOKEN_CACHE",
    key: "tokenCache",
    group: "tokens",
    meaning: "`true` or a folder: share tokens between processes in encrypted files",
    default: "false",
    read: tokenCache,
  },
  {
    variable: "MCP_HEADERS",
    key: "headers",
    group: "network",
    meaning: "additional headers for the MCP server, one `Name: value` per line",
    read: headerLines,
  },
  {
    variable: "MCP_ALLOW_HTTP",
    key: "allowHttp",
    group: "network",
    meaning: "`true` allows cleartext http to hosts other than loopback",
    ...SWITCH,
  },
  {
    variable: "MCP_ALLOW_PRIVATE_ADDRESSES",
    key: "allowPrivateAddresses",
    group: "network",
    meaning: "`true` allows metadata of a public server to name private addresses",
    ...SWITCH,
  },
  {
    variable: "MCP_MAX_MESSAGE_BYTES",
    key: "maxMessageBytes",
    group: "network",
    meaning: "largest message in bytes, in both directions",
    default: "268435456",
    read: positiveInteger,
  },
  {
    variable: "MCP_TOKEN_TIMEOUT",
    key: "tokenTimeout",
    group: "network",
    meaning: "seconds to wait for an access token, with all attempts",
    default: "25",
    read: positiveInteger,
  },
  {
    variable: "MCP_MAX_IN_FLIGHT",
    key: "maxInFlight",
    group: "network",
    meaning:
      "open requests at the MCP server at the same time, without subscriptions; more requests wait",
    default: "256",
    read: positiveInteger,
  },
  {
    variable: "MCP_TOOLS_ALLOW",
    key: "toolsAllow",
    group: "common",
    meaning: "tools that the client may see and call, separated by commas; `*` = any characters",
    default: "all",
    read: patternList,
  },
  {
    variable: "MCP_TOOLS_DENY",
    key: "toolsDeny",
    group: "common",
    meaning: "tools to hide from the client, even if they are allowed",
    read: patternList,
  },
  {
    variable: "MCP_PROTOCOL",
    key: "protocol",
    group: "network",
    meaning:
      "auto = bridge a client and a server of different MCP eras; pass-through = never bridge",
    default: "auto",
    values: ["auto", "pass-through"],
    read: asIs,
  },
  {
    variable: "MCP_LOG_LEVEL",
    key: "logLevel",
    group: "common",
    meaning: "log level on stderr",
    default: "info",
    values: LEVELS,
    read: asIs,
  },
  {
    variable: "MCP_LOG_FORMAT",
    key: "logFormat",
    group: "common",
    meaning: "log format",
    default: "text",
    values: FORMATS,
    read: asIs,
  },
];

/** The name of the option of a setting: `client-id` for `MCP_CLIENT_ID`. */
export function flagOf(setting: Setting): string {
  return setting.variable.replace("MCP_", "").toLowerCase().replaceAll("_", "-");
}
