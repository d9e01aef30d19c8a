/** What the user can do about the errors of a token endpoint. */

import type { Settings } from "../../settings/settings.ts";
import { listedMethods, type Target } from "../tokens/target.ts";

/** A token request that was refused. */
export interface Attempt {
  /** The token endpoint. */
  readonly endpoint: string;
  readonly target: Target;
  /** Client authentication method. */
  readonly method: string;
  readonly grantType: string;
  /** Whether the request had a DPoP proof. */
  readonly hasProof: boolean;
  /** The audience of the assertion that the client signed, if it signed one. */
  readonly assertionFor?: string;
  /** Whether client_secret_basic encoded characters of the ID or of the secret. */
  readonly isEncoded: boolean;
}

/** What the user can do about the errors of a server. */
export interface Advice {
  /** For an OAuth error. @returns `undefined` if nothing is known about it */
  hintFor(code: string, description: string | undefined, attempt: Attempt): string | undefined;
  /** For a URL that does not answer like a token endpoint. */
  readonly endpoint: string;
  /** The setting that names the token endpoint. */
  readonly endpointSetting: string;
  /** The settings of a credential. */
  readonly credentialSettings: string;
}

/** The settings that hints depend on. */
type Named = Partial<Settings>;

type Hint = (attempt: Attempt, settings: Named) => string;

/** Error codes of RFC 6749 section 5.2 and its extensions. */
const HINTS: ReadonlyMap<string, Hint> = new Map(Object.entries(
  {
    invalid_client: aboutCredential,
    unauthorized_client: (attempt, settings) =>
      forPeople(attempt) ?? [
        aboutCredential(attempt, settings),
        "Keycloak reports a wrong secret this way",
        `If the credential is right, allow this client the grant ${attempt.grantType} at the ` +
        "authorization server",
      ].join(". "),
    unsupported_grant_type: (attempt) =>
      forPeople(attempt) ??
        `Allow this client the grant ${attempt.grantType} at the authorization server`,
    invalid_grant: (_attempt, settings) =>
      `The assertion${
        from(assertionSetting(settings))
      } is not accepted: check its issuer, audience ` +
      "and expiry",
    invalid_scope: aboutScope,
    invalid_target: (attempt, settings) =>
      `The request had ${
        sentResource(attempt, settings)
      }. Set MCP_RESOURCE to a resource that the authorization ` +
      "server knows, or to none",
    invalid_request: (attempt, settings) =>
      `The request had ${sentScope(attempt, settings)} and ${sentResource(attempt, settings)}. ` +
      "If the server does not accept one of them, set MCP_SCOPE or MCP_RESOURCE; " +
      "MCP_RESOURCE=none sends no resource",
  } satisfies Record<string, Hint>,
));

/** For the MCP server's authorization server. */
export function authorizationServerAdvice(settings: Named): Advice {
  return {
    hintFor: (code, description, attempt) =>
      aboutProof(code, description, attempt) ?? HINTS.get(code)?.(attempt, settings),
    endpoint: "Check that MCP_AUTH_SERVER_URL is the token endpoint",
    endpointSetting: "MCP_AUTH_SERVER_URL",
    credentialSettings: "MCP_CLIENT_SECRET or MCP_PRIVATE_KEY_FILE",
  };
}

const IDENTITY_PROVIDER_HINTS: ReadonlyMap<string, string> = new Map(Object.entries({
  invalid_client: "Check MCP_IDP_CLIENT_ID and MCP_IDP_CLIENT_SECRET",
  invalid_grant: "The identity provider does not accept the token of MCP_ID_TOKEN_FILE or _COMMAND",
}));

/** For the identity provider of the enterprise-managed grant, which knows the client by another ID. */
export const IDENTITY_PROVIDER: Advice = {
  hintFor: (code) => IDENTITY_PROVIDER_HINTS.get(code),
  endpoint: "Check MCP_IDP_TOKEN_URL or MCP_IDP_ISSUER",
  endpointSetting: "MCP_IDP_TOKEN_URL",
  credentialSettings: "MCP_IDP_CLIENT_SECRET",
};

/** The server lists its grants, and ours is not among them. */
function forPeople({ target: { server }, grantType }: Attempt): string | undefined {
  const listed = server.grant_types_supported;
  if (!listed || listed.includes(grantType)) return undefined;
  return `${server.issuer} lists no ${grantType} grant (only ${listed.join(", ")}), so it is for ` +
    "signed-in users. Ask its operator how a program can get a token; if you have a token, set " +
    "MCP_ACCESS_TOKEN";
}

function aboutCredential(attempt: Attempt, settings: Named): string {
  const { method, assertionFor, endpoint } = attempt;
  const check = checkCredential(method, settings);
  const people = forPeople(attempt);
  if (people) return `${people}. If the list is not complete: ${check}`;
  return [
    check,
    assertionFor && aboutAudience(assertionFor, endpoint),
    otherMethod(attempt, settings),
  ].filter((hint) => hint !== undefined).join(". ");
}

/** Methods that send a secret, the usual ones first. */
const SECRET_METHODS = ["client_secret_basic", "client_secret_post", "client_secret_jwt"];

/** Another method to send the secret, if the server accepts one. */
function otherMethod(
  { method: used, isEncoded, target: { server } }: Attempt,
  { authMethod }: Named,
): string | undefined {
  const listed = listedMethods(server);
  const other = SECRET_METHODS.find((method) =>
    method !== used && (listed?.includes(method) ?? method !== "client_secret_jwt")
  );
  if (!used.startsWith("client_secret_") || !other) return undefined;
  const sent = `The secret was sent with ${used}${authMethod ? ", as MCP_AUTH_METHOD says" : ""}`;
  return used === "client_secret_basic" && isEncoded
    ? `${sent}. Some servers do not decode the special characters of an ID or a secret there: ` +
      `try MCP_AUTH_METHOD=${other}`
    : `${sent}; if this client needs another method, set MCP_AUTH_METHOD=${other}`;
}

function checkCredential(method: string, settings: Named): string {
  const pair = (setting: string) =>
    `Check that MCP_CLIENT_ID and the credential (${setting}) belong`;
  if (method === "none") return "Check that the authorization server knows MCP_CLIENT_ID";
  if (method === "private_key_jwt") {
    const key = placeOf("MCP_PRIVATE_KEY", settings.privateKeyFile, settings.privateKeyCommand);
    const hasKey = settings.privateKey !== undefined || key !== "MCP_PRIVATE_KEY";
    const assertion = assertionSetting(settings);
    return !hasKey && assertion
      ? `${
        pair(assertion)
      } together, and that the authorization server trusts the assertion's issuer`
      : `${pair(key)} together, and that the authorization server has the client's public key`;
  }
  if (method.includes("tls")) {
    return `${
      pair("MCP_CLIENT_CERT_FILE")
    } together, and that the authorization server knows the ` +
      "certificate";
  }
  const secret = placeOf(
    "MCP_CLIENT_SECRET",
    settings.clientSecretFile,
    settings.clientSecretCommand,
  );
  return `${pair(secret)} together and are complete`;
}

/** Some servers accept only their issuer as audience, others only their token endpoint. */
function aboutAudience(audience: string, endpoint: string): string {
  const other = audience === endpoint
    ? "issuer (with MCP_AUTH_ISSUER)"
    : `token-endpoint (${endpoint})`;
  return `The audience of the assertion is ${audience}: if the server expects another one, ` +
    `set MCP_ASSERTION_AUDIENCE=${other}`;
}

/** The variable that a credential comes from. */
function placeOf(variable: string, file: unknown, command: unknown): string {
  return file ? `${variable}_FILE` : command ? `${variable}_COMMAND` : variable;
}

function assertionSetting({ assertionFile, assertionCommand }: Named): string | undefined {
  const place = placeOf("MCP_ASSERTION", assertionFile, assertionCommand);
  return place === "MCP_ASSERTION" ? undefined : place;
}

function from(setting: string | undefined): string {
  return setting ? ` of ${setting}` : "";
}

/** Servers name DPoP in their own words if they require it, and if they refuse a proof. */
function aboutProof(
  code: string,
  description = "",
  { hasProof }: Attempt,
): string | undefined {
  if (code !== "invalid_dpop_proof" && !/\bdpop\b/i.test(description)) return undefined;
  return hasProof
    ? "The server does not accept the DPoP proof: check this machine's clock, or unset MCP_DPOP"
    : "The server requires DPoP for this client: set MCP_DPOP=true";
}

function aboutScope(attempt: Attempt, settings: Named): string {
  const { scope } = attempt.target;
  if (scope?.includes(",")) {
    const spaced = scope.split(/[\s,]+/).filter((name) => name !== "").join(" ");
    return `The request had the scope "${scope}": scopes are separated by spaces, so set ` +
      `MCP_SCOPE="${spaced}"`;
  }
  return `The request had ${sentScope(attempt, settings)}. Set MCP_SCOPE to the scopes that this ` +
    "client has at the authorization server, separated by spaces";
}

function sentScope({ target: { scope } }: Attempt, settings: Named): string {
  if (scope === undefined) return "no scope";
  const source = settings.scope === undefined ? "the MCP server names it" : "from MCP_SCOPE";
  return `the scope "${scope}" (${source})`;
}

function sentResource({ target: { resource } }: Attempt, settings: Named): string {
  if (resource === undefined) return "no resource";
  const source = settings.resource === undefined ? "the MCP server's metadata" : "MCP_RESOURCE";
  return `the resource ${resource} (from ${source})`;
}
