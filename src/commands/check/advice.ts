import { covers } from "../../auth/discovery/protected_resource.ts";
import type { Challenge } from "../../auth/discovery/challenge.ts";
import { union } from "../../auth/tokens/target.ts";
import type { ErrorDetails, Reason } from "../../errors.ts";
import type { HttpClient } from "../../runtime/types.ts";
import type { Settings } from "../../settings/settings.ts";
import { discoveredEndpoint, likelyEndpoint } from "./other_endpoints.ts";
import { textsOfClaim, type TokenFacts } from "./token_facts.ts";

/** What is known when a step has failed. */
export interface Circumstances {
  readonly settings: Settings;
  /** The error that it failed with. */
  readonly error: { readonly reason?: Reason } & ErrorDetails;
  /** What the server asked for, without a token and lately. */
  readonly challenge?: Challenge;
  /** Client authentication method that was used. */
  readonly method?: string;
  /** What the authorization server says of itself. */
  readonly issuer?: { readonly token_endpoint_auth_methods_supported?: readonly string[] };
  /** Scopes that the server says there are. */
  readonly scopes?: readonly string[];
  /** What is known of the token. */
  readonly token?: TokenFacts;
  /** Sends without credentials. */
  readonly http: HttpClient;
  /** The time in milliseconds. */
  readonly now: () => number;
}

/** Advice, for those who want to know which variable to set to what. */
const ADVICE: readonly {
  /** Whether it is about what happened. */
  fits(circumstances: Circumstances): boolean;
  /** What to do, a line each. */
  give(circumstances: Circumstances): string[] | Promise<string[]>;
}[] = [
  {
    fits: ({ error }) => ["invalid_client", "unauthorized_client"].includes(error.oauthError ?? ""),
    give: ({ method, issuer, settings }) => [
      wrongCredential(method, settings),
      ...otherAudience(method, settings),
      ...otherMethods(method, issuer?.token_endpoint_auth_methods_supported, settings),
    ],
  },
  {
    fits: ({ error }) => error.oauthError === "invalid_scope",
    give: ({ scopes, settings }) => [
      scopes?.length
        ? `Set MCP_SCOPE to some of these scopes: ${scopes.join(" ")}`
        : `Set MCP_SCOPE to scopes that this client may request${
          settings.scope ? `, now "${settings.scope}"` : ""
        }`,
    ],
  },
  {
    fits: ({ error }) => error.oauthError === "invalid_target",
    give: ({ settings: { resource } }) => [
      `Set MCP_RESOURCE to a resource that the authorization server knows${
        resource ? `, now ${resource}` : ""
      }, or to none`,
    ],
  },
  {
    // The endpoint may be wrong: it was not reached, or it did not answer like a token endpoint.
    fits: ({ error, settings }) =>
      error.reason === "token" && !error.oauthError && settings.authServerUrl instanceof URL,
    give: async ({ settings, challenge, http }) => {
      const endpoint = await discoveredEndpoint(settings, challenge, http);
      if (!endpoint) return [`Check MCP_AUTH_SERVER_URL (${settings.authServerUrl})`];
      return [
        `The MCP server publishes another token endpoint: set MCP_AUTH_SERVER_URL=${endpoint}, or unset it`,
      ];
    },
  },
  {
    fits: ({ error, token }) => error.status === 401 && token !== undefined,
    give: ({ token, settings, now }) => refusedToken(token!, settings, now),
  },
  {
    fits: ({ error }) => error.status === 403,
    give: ({ challenge, token, settings: { scope } }) => [
      challenge?.scope
        ? `The server requires the scope "${challenge.scope}", and the token has ` +
          `"${token?.scope ?? "none"}": grant this client that scope at the authorization ` +
          `server, and set MCP_SCOPE="${union(scope, challenge.scope)}"`
        : "Grant this client the scope that the MCP server requires, and set MCP_SCOPE to it",
    ],
  },
  {
    fits: ({ error }) => error.reason === "http_status" || error.reason === "bad_response",
    give: async ({ settings, http }) => {
      const url = await likelyEndpoint(settings.serverUrl, http);
      return url ? [`An MCP endpoint answers at ${url}: set MCP_SERVER_URL=${url}`] : [];
    },
  },
];

/** Advice in addition to the error message. */
export async function adviceFor(circumstances: Circumstances): Promise<string[]> {
  return await ADVICE.find(({ fits }) => fits(circumstances))?.give(circumstances) ?? [];
}

function wrongCredential(method: string | undefined, settings: Settings): string {
  if (method === "none") return "Check that the authorization server knows MCP_CLIENT_ID";
  const pair = (variable: string) =>
    `Check that MCP_CLIENT_ID and the credential (${variable}) belong together, and that `;
  if (method === "private_key_jwt") {
    const { privateKeyFile, privateKeyCommand } = settings;
    return pair(placeOf("MCP_PRIVATE_KEY", privateKeyFile, privateKeyCommand)) +
      "the authorization server has the client's public key";
  }
  if (method?.includes("tls")) {
    return pair("MCP_CLIENT_CERT_FILE") + "the authorization server knows the certificate";
  }
  const { clientSecretFile, clientSecretCommand } = settings;
  return pair(placeOf("MCP_CLIENT_SECRET", clientSecretFile, clientSecretCommand)) +
    "both are complete and without quotes";
}

/** Some servers accept only their issuer as the audience of an assertion, others only their token endpoint. */
function otherAudience(method: string | undefined, settings: Settings): string[] {
  const { privateKey, privateKeyCommand, assertionAudience, authServerUrl, authIssuer } = settings;
  const signs = method === "client_secret_jwt" ||
    method === "private_key_jwt" && (privateKey ?? privateKeyCommand) !== undefined;
  if (!signs) return [];
  const isEndpoint = assertionAudience === "token-endpoint" ||
    assertionAudience === undefined && authServerUrl instanceof URL && !authIssuer;
  const other = isEndpoint ? "issuer, with MCP_AUTH_ISSUER" : "token-endpoint";
  return [
    `The audience of the assertion is ${
      isEndpoint ? "the token endpoint" : assertionAudience ?? "the issuer"
    }; if the server expects another one, set MCP_ASSERTION_AUDIENCE=${other}`,
  ];
}

/** The variable that the credential comes from. */
function placeOf(variable: string, file: unknown, command: unknown): string {
  return file ? `${variable}_FILE` : command ? `${variable}_COMMAND` : variable;
}

/** Ways to send a secret, the usual ones first. */
const SECRET_METHODS = ["client_secret_basic", "client_secret_post", "client_secret_jwt"];

function otherMethods(
  used: string | undefined,
  listed: readonly string[] | undefined,
  { authMethod }: Settings,
): string[] {
  const other = SECRET_METHODS.find((method) =>
    method !== used && (listed?.includes(method) ?? method !== "client_secret_jwt")
  );
  if (!used?.startsWith("client_secret_") || !other) return [];
  const why = authMethod ? ", as MCP_AUTH_METHOD says" : "";
  return [
    `The secret was sent with ${used}${why}; if this client needs another method, set MCP_AUTH_METHOD=${other}`,
  ];
}

/** Why the server may not want this token, from what is in it. */
function refusedToken(
  { claims, scope }: TokenFacts,
  { serverUrl, resource }: Settings,
  now: () => number,
): string[] {
  if (!claims) {
    return [
      "The token is opaque, so its audience is unknown. Ask the operator of the server which issuer and " +
      "audience it accepts; then set MCP_RESOURCE, or MCP_TOKEN_PARAMS=audience=…",
    ];
  }
  const advice: string[] = [];
  const audiences = textsOfClaim(claims.aud);
  if (!audiences.some((audience) => covers(audience, serverUrl))) {
    advice.push(
      `The token is for ${audiences.join(", ") || "no audience"} (aud), and the server is ` +
        `${serverUrl}: set MCP_RESOURCE=${serverUrl}` +
        (resource ? ` instead of ${resource}` : "") +
        ", or MCP_TOKEN_PARAMS=audience=… if the authorization server needs that",
    );
  }
  const seconds = now() / 1000;
  if (Number(claims.nbf ?? claims.iat) > seconds + 5 || Number(claims.exp) < seconds) {
    advice.push("The token is not valid now: check the clock of this machine");
  }
  advice.push(
    `If that is right, the server refuses the issuer ${claims.iss ?? "(none)"} or the scope ` +
      `"${scope ?? ""}": check MCP_AUTH_SERVER_URL and MCP_SCOPE`,
  );
  return advice;
}
