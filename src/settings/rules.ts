/** Rules about several settings together. */

import { messageOf, rethrowFault } from "../errors.ts";
import { isLoopback } from "../runtime/loopback.ts";
import type { Credential } from "./setting.ts";
import { SETTINGS } from "./table.ts";

/** Values by key, as far as they could be read; or texts by key. */
export type Values = Readonly<Record<string, unknown>>;

/** What a setting requires of the others. */
type Rule = readonly [
  variable: string,
  problem: (values: Values, unset: (advice: string) => string) => string | undefined,
];

/** What each client authentication method needs one of. */
const NEEDS: ReadonlyMap<unknown, readonly Credential[]> = new Map([
  ["client_secret_basic", ["secret"]],
  ["client_secret_post", ["secret"]],
  ["client_secret_jwt", ["secret"]],
  ["private_key_jwt", ["key", "assertion"]],
  ["tls_client_auth", ["certificate"]],
  ["self_signed_tls_client_auth", ["certificate"]],
  ["none", []],
]);

const VARIABLES: Readonly<Record<Credential, string>> = {
  secret: "MCP_CLIENT_SECRET",
  key: "MCP_PRIVATE_KEY or MCP_PRIVATE_KEY_FILE",
  certificate: "MCP_CLIENT_CERT_FILE and MCP_CLIENT_KEY_FILE",
  assertion: "MCP_ASSERTION_FILE",
  token: "MCP_ACCESS_TOKEN",
};

const RULES: readonly Rule[] = [
  [
    "MCP_CLIENT_ID",
    (values, unset) =>
      values.clientId || givesToken(values)
        ? undefined
        : unset("it is required, for example my-client"),
  ],
  [
    "MCP_SERVER_URL",
    ({ serverUrl }, unset) =>
      serverUrl ? undefined : unset("it is required, for example https://mcp.example.com/mcp"),
  ],
  [
    "MCP_CLIENT_SECRET",
    (values, unset) =>
      values.authMethod === undefined && !givesToken(values) && missingCredential(values)
        ? unset(
          "set it or MCP_CLIENT_SECRET_FILE, or another credential (MCP_PRIVATE_KEY_FILE, …)",
        )
        : undefined,
  ],
  ["MCP_AUTH_METHOD", (values) => {
    const missing = values.authMethod !== undefined && missingCredential(values);
    if (!missing || givesToken(values)) return undefined;
    return `${values.authMethod} needs ${missing.map((kind) => VARIABLES[kind]).join(", or ")}`;
  }],
  [
    "MCP_CLIENT_CERT_FILE",
    (values, unset) =>
      values.clientKey && !values.clientCert
        ? unset("MCP_CLIENT_KEY_FILE needs a certificate")
        : undefined,
  ],
  [
    "MCP_CLIENT_KEY_FILE",
    (values, unset) =>
      values.clientCert && !values.clientKey
        ? unset("MCP_CLIENT_CERT_FILE needs the key of its certificate")
        : undefined,
  ],
  [
    "MCP_ASSERTION_AUDIENCE",
    ({ assertionAudience, authServerUrl, authIssuer }) =>
      assertionAudience === "issuer" && authServerUrl instanceof URL && !authIssuer
        ? "MCP_AUTH_SERVER_URL does not say what the issuer is; set MCP_AUTH_ISSUER too"
        : undefined,
  ],
  ["MCP_GRANT", grant],
  ["MCP_TOKEN_CACHE", tokenCache],
  [
    "MCP_DPOP",
    (values) =>
      values.dpop && givesToken(values)
        ? "an existing token is not bound to a key of this process; unset MCP_DPOP"
        : undefined,
  ],
];

/**
 * The credentials of which the client needs one and has none; `undefined` if nothing is missing.
 * Without an authentication method any credential will do, and only the server can say whether a
 * client without one is accepted.
 */
export function missingCredential(values: Values): readonly Credential[] | undefined {
  const { authMethod, authServerUrl, grant } = values;
  if (givesToken(values)) return has(values, "token") ? undefined : ["token"];
  if (authMethod !== undefined) {
    const needs = NEEDS.get(authMethod) ?? [];
    return needs.length === 0 || needs.some((kind) => has(values, kind)) ? undefined : needs;
  }
  const isOptional = authServerUrl === "discover" || grant === "jwt-bearer";
  return isOptional || has(values) ? undefined : ["secret"];
}

/** Whether the user gives an access token, so that none is requested. */
export function givesToken(values: Values): boolean {
  return values.grant === "token" || has(values, "token");
}

function grant(values: Values): string | undefined {
  if (values.grant === "token") {
    return has(values, "token")
      ? undefined
      : "token needs MCP_ACCESS_TOKEN, MCP_ACCESS_TOKEN_FILE or MCP_ACCESS_TOKEN_COMMAND";
  }
  if (has(values, "token")) {
    return `${values.grant} requests a token, but MCP_ACCESS_TOKEN gives one; unset one of the two`;
  }
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

/** A token that is bound to a key can only be used by a process that has the key. */
function tokenCache(values: Values): string | undefined {
  if (!values.tokenCache) return undefined;
  if (givesToken(values)) return "an existing token is not cached; unset MCP_TOKEN_CACHE";
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

/** Whether the client has a credential of a kind, or of any kind. */
function has(values: Values, kind?: Credential): boolean {
  return SETTINGS.some(({ key, credential }) =>
    credential && (!kind || credential === kind) && values[key] !== undefined
  );
}

/** Variables that say nothing about what the user has set. */
export interface Unknown {
  /** Those with a value that could not be read; nothing more is said about them. */
  readonly failed: ReadonlySet<string>;
  /** Those that Deno does not let the process read. */
  readonly notPermitted: ReadonlySet<string>;
}

/** Finds what is wrong between settings that are right by themselves: one line for each variable. */
export async function problemsOf(
  values: Values,
  { failed, notPermitted }: Unknown,
): Promise<[variable: string, problem: string][]> {
  const unset = (variable: string) => (advice: string) =>
    notPermitted.has(variable)
      ? "not permitted: Deno's --allow-env does not include it, so that it counts as not set"
      : `not set; ${advice}`;
  const problems = RULES.map(([variable, rule]) =>
    [variable, rule(values, unset(variable))] as const
  );
  const found = [...problems, ...cleartext(values), await privateKey(values)]
    .filter((row): row is [string, string] => row[1] !== undefined);
  return found.filter(([variable]) => ![...failed].some((other) => other.startsWith(variable)));
}

/** Secrets and tokens are sent encrypted, unless the user allows cleartext. */
function cleartext(values: Values): [string, string][] {
  if (values.allowHttp) return [];
  // For the sake of another URL, nobody should allow cleartext to a server that offers https.
  const isSecure = String(values.serverUrl).startsWith("https:");
  const wayOut = isSecure ? "use https" : "use https, or set MCP_ALLOW_HTTP=true";
  return SETTINGS.filter(({ key, kind }) => kind === "url" && isCleartext(String(values[key])))
    .map(({ variable }) => [
      variable,
      `is cleartext http, which exposes the secret and the token to the network; ${wayOut}`,
    ]);
}

function isCleartext(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === "http:" && !isLoopback(url);
}

/** Reports a key that cannot be used before the proxy starts. */
async function privateKey(values: Values): Promise<readonly [string, string | undefined]> {
  const variable = values.privateKeyFile ? "MCP_PRIVATE_KEY_FILE" : "MCP_PRIVATE_KEY";
  if (typeof values.privateKey !== "string") return [variable, undefined];
  const { importPrivateKey } = await import("./private_key.ts");
  try {
    await importPrivateKey(values.privateKey, values.privateKeyAlg as string | undefined);
    return [variable, undefined];
  } catch (error) {
    rethrowFault(error);
    return [variable, messageOf(error)];
  }
}
