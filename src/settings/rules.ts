import { isLoopback } from "../runtime/loopback.ts";
import { SETTINGS } from "./table.ts";

/** Values by key, as far as they could be read. */
type Values = Readonly<Record<string, unknown>>;

/** What a setting demands of the others. */
type Rule = readonly [variable: string, problem: (values: Values) => string | undefined];

/** A file counts as its content: if it cannot be read, the problem is that of the file. */
const CREDENTIALS: Readonly<Record<string, readonly string[]>> = {
  secret: ["clientSecret", "clientSecretFile", "clientSecretCommand"],
  key: ["privateKey", "privateKeyFile", "privateKeyCommand"],
  certificate: ["clientCert", "clientCertFile"],
  assertion: ["assertionFile", "assertionCommand"],
};

/** What each client authentication method needs one of. */
const NEEDS: Readonly<Record<string, readonly (keyof typeof CREDENTIALS)[]>> = {
  client_secret_basic: ["secret"],
  client_secret_post: ["secret"],
  client_secret_jwt: ["secret"],
  private_key_jwt: ["key", "assertion"],
  tls_client_auth: ["certificate"],
  self_signed_tls_client_auth: ["certificate"],
  none: [],
};

const VARIABLES: Readonly<Record<string, string>> = {
  secret: "MCP_CLIENT_SECRET",
  key: "MCP_PRIVATE_KEY or MCP_PRIVATE_KEY_FILE",
  certificate: "MCP_CLIENT_CERT_FILE and MCP_CLIENT_KEY_FILE",
  assertion: "MCP_ASSERTION_FILE",
};

const RULES: readonly Rule[] = [
  ["MCP_CLIENT_ID", ({ clientId }) => clientId ? undefined : "not set; it is required"],
  ["MCP_SERVER_URL", ({ serverUrl }) => serverUrl ? undefined : "not set; it is required"],
  ["MCP_CLIENT_SECRET", credential],
  ["MCP_AUTH_METHOD", (values) => {
    const needs = NEEDS[values.authMethod as string] ?? [];
    if (needs.length === 0 || needs.some((kind) => has(values, kind))) return undefined;
    return `${values.authMethod} needs ${needs.map((kind) => VARIABLES[kind]).join(", or ")}`;
  }],
  ["MCP_CLIENT_SECRET_COMMAND", only("clientSecretCommand", "clientSecret", "MCP_CLIENT_SECRET")],
  ["MCP_PRIVATE_KEY_COMMAND", only("privateKeyCommand", "privateKey", "MCP_PRIVATE_KEY")],
  [
    "MCP_IDP_CLIENT_SECRET_COMMAND",
    only("idpClientSecretCommand", "idpClientSecret", "MCP_IDP_CLIENT_SECRET"),
  ],
  ["MCP_ASSERTION_COMMAND", only("assertionCommand", "assertionFile", "MCP_ASSERTION_FILE")],
  ["MCP_ID_TOKEN_COMMAND", only("idTokenCommand", "idTokenFile", "MCP_ID_TOKEN_FILE")],
  ["MCP_IDP_TOKEN_URL", only("idpTokenUrl", "idpIssuer", "MCP_IDP_ISSUER")],
  [
    "MCP_CLIENT_CERT_FILE",
    (values) =>
      values.clientKey && !values.clientCert
        ? "not set; MCP_CLIENT_KEY_FILE needs a certificate"
        : undefined,
  ],
  [
    "MCP_CLIENT_KEY_FILE",
    (values) =>
      values.clientCert && !values.clientKey
        ? "not set; MCP_CLIENT_CERT_FILE needs the key of its certificate"
        : undefined,
  ],
  ["MCP_GRANT", grant],
  ["MCP_TOKEN_CACHE", tokenCache],
];

/** Without one, a client is nobody; whether a server takes that, only the server can say. */
function credential(values: Values): string | undefined {
  const known = values.authMethod !== undefined || values.authServerUrl === "discover" ||
    values.grant === "jwt-bearer" || Object.keys(CREDENTIALS).some((kind) => has(values, kind));
  return known
    ? undefined
    : "not set; set it or MCP_CLIENT_SECRET_FILE, or another credential (MCP_PRIVATE_KEY_FILE, …)";
}

function grant(values: Values): string | undefined {
  if (values.grant === "jwt-bearer" && !has(values, "assertion")) {
    return "jwt-bearer needs MCP_ASSERTION_FILE or MCP_ASSERTION_COMMAND";
  }
  if (values.grant !== "enterprise-managed") return undefined;
  if (!values.idTokenFile && !values.idTokenCommand) {
    return "enterprise-managed needs MCP_ID_TOKEN_FILE or MCP_ID_TOKEN_COMMAND";
  }
  if (!values.idpIssuer && !values.idpTokenUrl) {
    return "enterprise-managed needs MCP_IDP_ISSUER or MCP_IDP_TOKEN_URL";
  }
}

/** A token that is bound to a key is of use to nobody who does not hold the key. */
function tokenCache(values: Values): string | undefined {
  if (!values.tokenCache) return undefined;
  if (values.dpop) {
    return "MCP_DPOP binds tokens to a key of this process, so other processes cannot use them; " +
      "unset one of the two";
  }
  if (values.clientCert) {
    return "MCP_CLIENT_CERT_FILE binds tokens to a certificate; unset one of the two";
  }
  return has(values, "secret") || has(values, "key")
    ? undefined
    : "the cache is encrypted with a key derived from the client secret or private key; set one of them";
}

function only(key: string, other: string, variable: string) {
  return (values: Values) =>
    values[key] && values[other] ? `${variable} is set too; unset one of them` : undefined;
}

function has(values: Values, kind: string): boolean {
  return CREDENTIALS[kind].some((key) => values[key] !== undefined);
}

/**
 * What is wrong between settings that are right by themselves: one line for each variable.
 *
 * @param failed variables that could not be read, about which nothing more is said
 */
export async function problemsOf(
  values: Values,
  failed: ReadonlySet<string>,
): Promise<[variable: string, problem: string][]> {
  const problems = RULES.map(([variable, rule]) => [variable, rule(values)] as const);
  const found = [...problems, ...cleartext(values), await privateKey(values)]
    .filter((row): row is [string, string] => row[1] !== undefined);
  return found.filter(([variable]) => ![...failed].some((other) => other.startsWith(variable)));
}

/** Settings that name who gets secrets or tokens. */
const PARTIES = new Set(["serverUrl", "authServerUrl", "authIssuer", "idpIssuer", "idpTokenUrl"]);

/** Secrets and tokens travel encrypted, or not at all, or by the user's word. */
function cleartext(values: Values): [string, string][] {
  if (values.allowHttp) return [];
  return SETTINGS.filter(({ key }) => PARTIES.has(key) && isCleartext(String(values[key])))
    .map(({ variable }) => [
      variable,
      "is cleartext http, which exposes the secret and the token to the network; use https, or set MCP_ALLOW_HTTP=true",
    ]);
}

function isCleartext(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === "http:" && !isLoopback(url);
}

/** A key that cannot be used is a setting that is wrong, and is said before anything starts. */
async function privateKey(values: Values): Promise<readonly [string, string | undefined]> {
  const variable = values.privateKeyFile ? "MCP_PRIVATE_KEY_FILE" : "MCP_PRIVATE_KEY";
  if (typeof values.privateKey !== "string") return [variable, undefined];
  const { importPrivateKey } = await import("./private_key.ts");
  try {
    await importPrivateKey(values.privateKey, values.privateKeyAlg as string | undefined);
    return [variable, undefined];
  } catch (error) {
    return [variable, (error as Error).message];
  }
}
