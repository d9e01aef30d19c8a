/** Options of the library, one for each setting. Written by `deno task readme` from the table. */
export interface SettingsOptions {
  /**
   * Client ID: `MCP_CLIENT_ID`.
   */
  clientId?: string;
  /**
   * Client secret: `MCP_CLIENT_SECRET`.
   */
  clientSecret?: string;
  /**
   * File that contains the client secret: `MCP_CLIENT_SECRET_FILE`.
   */
  clientSecretFile?: string;
  /**
   * Command that prints the client secret, for example `op read op://vault/item/secret`: `MCP_CLIENT_SECRET_COMMAND`.
   */
  clientSecretCommand?: string | readonly string[];
  /**
   * Existing access token or API key; then no client ID is needed: `MCP_ACCESS_TOKEN`.
   */
  accessToken?: string;
  /**
   * File that contains the access token, read again when it changes: `MCP_ACCESS_TOKEN_FILE`.
   */
  accessTokenFile?: string;
  /**
   * Command that prints the access token, for example `gcloud auth print-access-token`: `MCP_ACCESS_TOKEN_COMMAND`.
   */
  accessTokenCommand?: string | readonly string[];
  /**
   * URL of the MCP server: `MCP_SERVER_URL`.
   */
  serverUrl?: string | URL;
  /**
   * Token endpoint; `discover` uses only the one that the MCP server publishes: `MCP_AUTH_SERVER_URL`.
   *
   * @default discovered; if the MCP server is on perforce.com or loopback and publishes none, the Perforce Keycloak
   */
  authServerUrl?: string | URL;
  /**
   * Issuer of the authorization server; only this server receives the credential: `MCP_AUTH_ISSUER`.
   */
  authIssuer?: string | URL;
  /**
   * Client authentication method at the token endpoint: `MCP_AUTH_METHOD`.
   *
   * @default from metadata; with MCP_AUTH_SERVER_URL, client_secret_post
   */
  authMethod?:
    | "client_secret_basic"
    | "client_secret_post"
    | "client_secret_jwt"
    | "private_key_jwt"
    | "tls_client_auth"
    | "self_signed_tls_client_auth"
    | "none";
  /**
   * Private key for private_key_jwt, as PKCS#8 PEM or JWK: `MCP_PRIVATE_KEY`.
   */
  privateKey?: string;
  /**
   * File that contains the private key: `MCP_PRIVATE_KEY_FILE`.
   */
  privateKeyFile?: string;
  /**
   * Command that prints the private key: `MCP_PRIVATE_KEY_COMMAND`.
   */
  privateKeyCommand?: string | readonly string[];
  /**
   * JWS algorithm of the private key: `MCP_PRIVATE_KEY_ALG`.
   *
   * @default from the key
   */
  privateKeyAlg?:
    | "RS256"
    | "RS384"
    | "RS512"
    | "PS256"
    | "PS384"
    | "PS512"
    | "ES256"
    | "ES384"
    | "ES512"
    | "EdDSA"
    | "Ed25519";
  /**
   * Key ID (`kid`) of the private key: `MCP_PRIVATE_KEY_ID`.
   *
   * @default from the JWK
   */
  privateKeyId?: string;
  /**
   * Audience of assertions that the client signs: `issuer`, `token-endpoint`, or a URL: `MCP_ASSERTION_AUDIENCE`.
   *
   * @default the issuer; with MCP_AUTH_SERVER_URL alone, the token endpoint
   */
  assertionAudience?: string;
  /**
   * Client certificate chain (PEM) for mutual TLS (RFC 8705): `MCP_CLIENT_CERT_FILE`.
   */
  clientCertFile?: string;
  /**
   * Private key (PEM) of the client certificate: `MCP_CLIENT_KEY_FILE`.
   */
  clientKeyFile?: string;
  /**
   * Certificate authorities (PEM) to trust in addition to those of the system: `MCP_CA_FILE`.
   */
  caFile?: string;
  /**
   * OAuth grant; `token` requests none and is implied by MCP_ACCESS_TOKEN: `MCP_GRANT`.
   *
   * @default client_credentials
   */
  grant?: "client_credentials" | "jwt-bearer" | "enterprise-managed" | "token";
  /**
   * File that contains a JWT, read for each token: the assertion of the grant jwt-bearer, otherwise the client assertion: `MCP_ASSERTION_FILE`.
   */
  assertionFile?: string;
  /**
   * Command that prints this JWT, run for each token: `MCP_ASSERTION_COMMAND`.
   */
  assertionCommand?: string | readonly string[];
  /**
   * File that contains the user's identity assertion, read for each token: `MCP_ID_TOKEN_FILE`.
   */
  idTokenFile?: string;
  /**
   * Command that prints the user's identity assertion, run for each token: `MCP_ID_TOKEN_COMMAND`.
   */
  idTokenCommand?: string | readonly string[];
  /**
   * Type of the identity assertion: `MCP_ID_TOKEN_TYPE`.
   *
   * @default id_token
   */
  idTokenType?: "id_token" | "saml2";
  /**
   * Issuer of the identity provider: `MCP_IDP_ISSUER`.
   */
  idpIssuer?: string | URL;
  /**
   * Token endpoint of the identity provider, instead of its issuer: `MCP_IDP_TOKEN_URL`.
   */
  idpTokenUrl?: string | URL;
  /**
   * Client ID at the identity provider: `MCP_IDP_CLIENT_ID`.
   *
   * @default MCP_CLIENT_ID
   */
  idpClientId?: string;
  /**
   * Client secret at the identity provider: `MCP_IDP_CLIENT_SECRET`.
   */
  idpClientSecret?: string;
  /**
   * File that contains the client secret at the identity provider: `MCP_IDP_CLIENT_SECRET_FILE`.
   */
  idpClientSecretFile?: string;
  /**
   * Command that prints the client secret at the identity provider: `MCP_IDP_CLIENT_SECRET_COMMAND`.
   */
  idpClientSecretCommand?: string | readonly string[];
  /**
   * Scopes to request, separated by spaces; the MCP server cannot add others: `MCP_SCOPE`.
   *
   * @default the scopes that the MCP server asks for
   */
  scope?: string;
  /**
   * Resource to request a token for (RFC 8707); `none` sends none: `MCP_RESOURCE`.
   *
   * @default the resource that the MCP server publishes
   */
  resource?: string;
  /**
   * Additional token request parameters, as a query string (`audience=…`): `MCP_TOKEN_PARAMS`.
   */
  tokenParams?: string;
  /**
   * `true` binds tokens to a key with DPoP (RFC 9449): `MCP_DPOP`.
   *
   * @default false
   */
  dpop?: boolean;
  /**
   * `true` or a folder: share tokens between processes in encrypted files: `MCP_TOKEN_CACHE`.
   *
   * @default false
   */
  tokenCache?: string | boolean;
  /**
   * Additional headers for the MCP server, one `Name: value` per line: `MCP_HEADERS`.
   */
  headers?: string;
  /**
   * `true` allows cleartext http to hosts other than loopback: `MCP_ALLOW_HTTP`.
   *
   * @default false
   */
  allowHttp?: boolean;
  /**
   * `true` allows metadata of a public server to name private addresses: `MCP_ALLOW_PRIVATE_ADDRESSES`.
   *
   * @default false
   */
  allowPrivateAddresses?: boolean;
  /**
   * Largest message, in both directions: bytes, or for example `64MB`: `MCP_MAX_MESSAGE_BYTES`.
   *
   * @default 256MB
   */
  maxMessageBytes?: number | string;
  /**
   * Time to connect to a server, with DNS and TLS: seconds, or for example `2m`: `MCP_CONNECT_TIMEOUT`.
   *
   * @default 10s
   */
  connectTimeout?: number | string;
  /**
   * Time to wait for an answer or for progress of a request, for example `5m`: `MCP_REQUEST_TIMEOUT`.
   *
   * @default no limit
   */
  requestTimeout?: number | string;
  /**
   * Time that a stream of server messages may be silent, before it is opened again: `MCP_IDLE_TIMEOUT`.
   *
   * @default 30m; no limit for HTTP+SSE and for subscriptions
   */
  idleTimeout?: number | string;
  /**
   * Pause after which a `ping` keeps the session at the server and at load balancers, for example `30s`: `MCP_KEEP_ALIVE`.
   *
   * @default no ping
   */
  keepAlive?: number | string;
  /**
   * Time to wait for an access token, with all attempts: seconds, or for example `2m`: `MCP_TOKEN_TIMEOUT`.
   *
   * @default 25s
   */
  tokenTimeout?: number | string;
  /**
   * Open requests at the MCP server at the same time, without subscriptions; more requests wait: `MCP_MAX_IN_FLIGHT`.
   *
   * @default 256
   */
  maxInFlight?: number;
  /**
   * Tools that the client may see and call, separated by commas; `*` = any characters: `MCP_TOOLS_ALLOW`.
   *
   * @default all
   */
  toolsAllow?: string;
  /**
   * Tools to hide from the client, even if they are allowed: `MCP_TOOLS_DENY`.
   */
  toolsDeny?: string;
  /**
   * Auto = bridge a client and a server of different MCP eras; pass-through = never bridge: `MCP_PROTOCOL`.
   *
   * @default auto
   */
  protocol?: "auto" | "pass-through";
  /**
   * Log level on stderr: `MCP_LOG_LEVEL`.
   *
   * @default info
   */
  logLevel?: "error" | "warn" | "info" | "debug";
  /**
   * Log format: `MCP_LOG_FORMAT`.
   *
   * @default text
   */
  logFormat?: "text" | "json";
  /**
   * File for the log, in addition to stderr; older lines move to a second file (`.1`) at 10 MB: `MCP_LOG_FILE`.
   */
  logFile?: string;
}
