import { ExplainedError } from "../../errors.ts";
import type { AuthorizationServer } from "../oauth4webapi.ts";
import type { HttpClient } from "../../runtime/types.ts";
import { firstMetadata, type Metadata, strings } from "./metadata.ts";
import { checkUrl, type UrlPolicy } from "./url_policy.ts";

/**
 * Finds the metadata of an authorization server (RFC 8414 section 3, OpenID Connect Discovery
 * section 4). The URLs and their order are those of MCP 2026-07-28, "Authorization Server Metadata
 * Discovery", which has one more than oauth4webapi.
 *
 * @param issuer the issuer to look for
 * @param isIssuer whether the `issuer` of the metadata is the expected one. @default the same URL
 * @returns `undefined` if the server publishes none
 * @throws {Error} if the metadata cannot be used, for example because it names another issuer
 */
export function findAuthorizationServer(
  issuer: string,
  http: HttpClient,
  policy: UrlPolicy,
  isIssuer = (named: string) => sameIssuer(named, issuer),
): Promise<AuthorizationServer | undefined> {
  return firstMetadata(
    metadataUrls(issuer).map((url) => new URL(url)),
    http,
    (metadata) => {
      checkIssuer(metadata, issuer, isIssuer);
      checkEndpoints(metadata, policy);
      return withLists(metadata);
    },
  );
}

/** The URLs at which the metadata of an issuer can be. */
function metadataUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, "");
  return [
    ...new Set([
      `${origin}/.well-known/oauth-authorization-server${path}`,
      `${origin}/.well-known/openid-configuration${path}`,
      `${origin}${path}/.well-known/openid-configuration`,
    ]),
  ];
}

/** Lists that are used; some servers have `null` instead of a list. */
const LISTS = [
  "dpop_signing_alg_values_supported",
  "grant_types_supported",
  "token_endpoint_auth_methods_supported",
  "token_endpoint_auth_signing_alg_values_supported",
];

function withLists({ members }: Metadata): AuthorizationServer {
  const lists = LISTS.map((name) => [name, strings(members[name])]);
  return { ...members, ...Object.fromEntries(lists) } as AuthorizationServer;
}

/**
 * Whether two issuers are the same URL: equal, or different only by the slash of an empty path
 * (RFC 3986 section 6.2.3). Such a pair cannot move a credential to another host.
 */
export function sameIssuer(one: string, other: string): boolean {
  if (one === other) return true;
  return URL.canParse(one) && URL.canParse(other) && /^https?:\/\/[^/?#]+\/?$/i.test(one) &&
    /^https?:\/\/[^/?#]+\/?$/i.test(other) && new URL(one).href === new URL(other).href;
}

function checkIssuer(
  { url, members }: Metadata,
  issuer: string,
  isIssuer: (named: string) => boolean,
): void {
  const { issuer: named, token_endpoint: endpoint } = members;
  if (typeof named === "string" && URL.canParse(named) && isIssuer(named)) return;
  throw new ExplainedError({
    problem: `the metadata at ${url} is for the issuer ${JSON.stringify(named)}, not for ` +
      `${JSON.stringify(issuer)}, so the proxy does not use it`,
    hint: `If both are the same server, set ${wayOut(issuer, named, endpoint)}`,
  });
}

/** An issuer can be set by the name in its metadata only if both names have the same metadata URLs. */
function wayOut(issuer: string, named: unknown, endpoint: unknown): string {
  const [here, there] = [issuer, String(named)];
  const hasSameUrls = URL.canParse(there) &&
    metadataUrls(here).join() === metadataUrls(there).join();
  if (hasSameUrls) return `MCP_AUTH_ISSUER=${there}`;
  const isUsable = typeof endpoint === "string" && endpoint.startsWith("https:") &&
    URL.canParse(endpoint);
  return isUsable
    ? `MCP_AUTH_SERVER_URL=${new URL(endpoint).href}`
    : "MCP_AUTH_SERVER_URL to its token endpoint";
}

function checkEndpoints({ members }: Metadata, policy: UrlPolicy): void {
  const namedBy = new URL(members.issuer as string);
  const aliases = members.mtls_endpoint_aliases as Record<string, unknown> | undefined;
  const check = (url: unknown, what: string) =>
    checkUrl(url, `${what} of ${members.issuer}`, namedBy, policy);
  check(members.token_endpoint, "token_endpoint");
  if (aliases?.token_endpoint !== undefined) check(aliases.token_endpoint, "token_endpoint alias");
}
