import { FORMATS, LEVELS } from "../log/log.ts";
import {
  commandLine,
  headerLines,
  issuerIdentifier,
  positiveInteger,
  resourceIndicator,
  scopeList,
  tokenCache,
  tokenEndpoint,
  tokenParameters,
  webAddress,
} from "./values.ts";

/** One row of the table of settings. */
export interface Setting {
  /** Environment variable. */
  readonly variable: string;
  /** Member of `Settings`, and of the library's options. */
  readonly key: string;
  /** What it means, in a few words. */
  readonly meaning: string;
  /** What holds when it is not set, for people to read. */
  readonly default?: string;
  /** A secret has no flag: arguments can be seen by every user of the machine. */
  readonly secret?: true;
  /** A flag that needs no value. */
  readonly switch?: true;
  /** The values it can have. */
  readonly values?: readonly string[];
  /** The key whose text is in the file that this setting names. */
  readonly holds?: string;
  /** Makes the typed value; throws an `Error` that says what is wrong. */
  readonly read: (text: string) => unknown;
}

const asIs = (text: string) => text;

/** What a switch and its variable have in common. */
const SWITCH = {
  default: "false",
  switch: true,
  values: ["true", "false"],
  read: (text: string) => text === "true",
} as const;

/** The one table of settings: it drives reading, validation, `--help` and the README's table. */
export const SETTINGS: readonly Setting[] = [
  {
    variable: "MCP_CLIENT_ID",
    key: "clientId",
    meaning: "client id (required)",
    read: asIs,
  },
  {
    variable: "MCP_CLIENT_SECRET",
    key: "clientSecret",
    meaning: "client secret",
    secret: true,
    read: asIs,
  },
  {
    variable: "MCP_CLIENT_SECRET_FILE",
    key: "clientSecretFile",
    holds: "clientSecret",
    meaning: "file that holds the client secret",
    read: asIs,
  },
  {
    variable: "MCP_CLIENT_SECRET_COMMAND",
    key: "clientSecretCommand",
    meaning: "command that prints the client secret (`op read op://vault/item/secret`)",
    read: commandLine,
  },
  {
    variable: "MCP_SERVER_URL",
    key: "serverUrl",
    meaning: "the MCP endpoint (required)",
    read: webAddress,
  },
  {
    variable: "MCP_AUTH_SERVER_URL",
    key: "authServerUrl",
    meaning: "token endpoint; `discover` = the one that the MCP server names, and no other",
    default: "discovery; if the server names none, the Perforce Keycloak, as version 1",
    read: tokenEndpoint,
  },
  {
    variable: "MCP_AUTH_ISSUER",
    key: "authIssuer",
    meaning: "issuer to discover the token endpoint from, the only one to get the credentials",
    read: issuerIdentifier,
  },
  {
    variable: "MCP_AUTH_METHOD",
    key: "authMethod",
    meaning: "client authentication at the token endpoint",
    default: "from metadata; with MCP_AUTH_SERVER_URL client_secret_post",
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
    meaning: "PKCS#8 PEM or JWK for private_key_jwt",
    secret: true,
    read: asIs,
  },
  {
    variable: "MCP_PRIVATE_KEY_FILE",
    key: "privateKeyFile",
    holds: "privateKey",
    meaning: "file that holds the private key",
    read: asIs,
  },
  {
    variable: "MCP_PRIVATE_KEY_COMMAND",
    key: "privateKeyCommand",
    meaning: "command that prints the private key",
    read: commandLine,
  },
  {
    variable: "MCP_PRIVATE_KEY_ALG",
    key: "privateKeyAlg",
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
    meaning: "`kid` of the private key",
    default: "from the JWK",
    read: asIs,
  },
  {
    variable: "MCP_CLIENT_CERT_FILE",
    key: "clientCertFile",
    holds: "clientCert",
    meaning: "certificate chain (PEM) for mutual TLS (RFC 8705)",
    read: asIs,
  },
  {
    variable: "MCP_CLIENT_KEY_FILE",
    key: "clientKeyFile",
    holds: "clientKey",
    meaning: "private key (PEM) of that certificate",
    read: asIs,
  },
  {
    variable: "MCP_CA_FILE",
    key: "caFile",
    holds: "ca",
    meaning: "certificates (PEM) to trust beside the system's",
    read: asIs,
  },
  {
    variable: "MCP_GRANT",
    key: "grant",
    meaning: "OAuth grant",
    default: "client_credentials",
    values: ["client_credentials", "jwt-bearer", "enterprise-managed"],
    read: asIs,
  },
  {
    variable: "MCP_ASSERTION_FILE",
    key: "assertionFile",
    meaning: "file with a JWT, read at each use: jwt-bearer's assertion, else the client's own",
    read: asIs,
  },
  {
    variable: "MCP_ASSERTION_COMMAND",
    key: "assertionCommand",
    meaning: "command that prints that JWT, run at each use",
    read: commandLine,
  },
  {
    variable: "MCP_ID_TOKEN_FILE",
    key: "idTokenFile",
    meaning: "enterprise-managed: file with the user's identity assertion, read at each use",
    read: asIs,
  },
  {
    variable: "MCP_ID_TOKEN_COMMAND",
    key: "idTokenCommand",
    meaning: "enterprise-managed: command that prints it, run at each use",
    read: commandLine,
  },
  {
    variable: "MCP_ID_TOKEN_TYPE",
    key: "idTokenType",
    meaning: "enterprise-managed: what it is",
    default: "id_token",
    values: ["id_token", "saml2"],
    read: asIs,
  },
  {
    variable: "MCP_IDP_ISSUER",
    key: "idpIssuer",
    meaning: "enterprise-managed: issuer of the identity provider",
    read: issuerIdentifier,
  },
  {
    variable: "MCP_IDP_TOKEN_URL",
    key: "idpTokenUrl",
    meaning: "enterprise-managed: the identity provider's token endpoint, instead of its issuer",
    read: webAddress,
  },
  {
    variable: "MCP_IDP_CLIENT_ID",
    key: "idpClientId",
    meaning: "enterprise-managed: client id at the identity provider",
    default: "MCP_CLIENT_ID",
    read: asIs,
  },
  {
    variable: "MCP_IDP_CLIENT_SECRET",
    key: "idpClientSecret",
    meaning: "enterprise-managed: client secret at the identity provider",
    secret: true,
    read: asIs,
  },
  {
    variable: "MCP_IDP_CLIENT_SECRET_FILE",
    key: "idpClientSecretFile",
    holds: "idpClientSecret",
    meaning: "file that holds it",
    read: asIs,
  },
  {
    variable: "MCP_IDP_CLIENT_SECRET_COMMAND",
    key: "idpClientSecretCommand",
    meaning: "command that prints it",
    read: commandLine,
  },
  {
    variable: "MCP_SCOPE",
    key: "scope",
    meaning: "scopes, space separated",
    default: "discovery: what the server asks for; else none",
    read: scopeList,
  },
  {
    variable: "MCP_RESOURCE",
    key: "resource",
    meaning: "RFC 8707 resource; `none` = send none",
    default: "discovery: the server's; else none, as version 1",
    read: resourceIndicator,
  },
  {
    variable: "MCP_TOKEN_PARAMS",
    key: "tokenParams",
    meaning: "further token request parameters, as a query string (`audience=…`)",
    read: tokenParameters,
  },
  {
    variable: "MCP_DPOP",
    key: "dpop",
    meaning: "`true` = sender-constrained tokens (RFC 9449)",
    ...SWITCH,
  },
  {
    variable: "MCP_TOKEN_CACHE",
    key: "tokenCache",
    meaning: "`true` or a folder = share tokens between proxies in encrypted files",
    default: "false",
    read: tokenCache,
  },
  {
    variable: "MCP_HEADERS",
    key: "headers",
    meaning: "further headers to the MCP server, one `Name: value` a line",
    read: headerLines,
  },
  {
    variable: "MCP_ALLOW_HTTP",
    key: "allowHttp",
    meaning: "`true` = cleartext http to hosts other than loopback",
    ...SWITCH,
  },
  {
    variable: "MCP_ALLOW_PRIVATE_ADDRESSES",
    key: "allowPrivateAddresses",
    meaning: "`true` = a public server's metadata may name private addresses",
    ...SWITCH,
  },
  {
    variable: "MCP_MAX_MESSAGE_BYTES",
    key: "maxMessageBytes",
    meaning: "largest message, either way",
    default: "268435456",
    read: positiveInteger,
  },
  {
    variable: "MCP_MAX_IN_FLIGHT",
    key: "maxInFlight",
    meaning: "requests at the MCP server at a time, subscriptions not counted; further ones wait",
    default: "256",
    read: positiveInteger,
  },
  {
    variable: "MCP_LOG_LEVEL",
    key: "logLevel",
    meaning: "what is logged on stderr",
    default: "info",
    values: LEVELS,
    read: asIs,
  },
  {
    variable: "MCP_LOG_FORMAT",
    key: "logFormat",
    meaning: "format of the log",
    default: "text",
    values: FORMATS,
    read: asIs,
  },
];

/** The flag of a setting: `--client-id` for `MCP_CLIENT_ID`. */
export function flagOf(setting: Setting): string {
  return setting.variable.replace("MCP_", "").toLowerCase().replaceAll("_", "-");
}
