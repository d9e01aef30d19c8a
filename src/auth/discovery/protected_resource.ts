import { ExplainedError, messageOf } from "../../errors.ts";
import type { HttpClient } from "../../runtime/types.ts";
import { firstMetadata, type Metadata, strings } from "./metadata.ts";
import { checkUrl, type UrlPolicy } from "./url_policy.ts";

/** What a protected resource says of itself (RFC 9728 section 2), as far as we need it. */
export interface ProtectedResource {
  /** Where it says so. */
  readonly url: URL;
  /** Its identifier, character by character as published. */
  readonly resource: string;
  /** Issuers of the authorization servers whose tokens it takes. */
  readonly authorizationServers: readonly string[];
  /** Scopes that its basic functions need. */
  readonly scopes?: readonly string[];
}

/**
 * Finds the protected resource metadata of an MCP server: where its challenge says, else at the
 * well-known places (MCP 2026-07-28, "Protected Resource Metadata Discovery Requirements").
 *
 * @param serverUrl the MCP endpoint
 * @param challenged `resource_metadata` of the challenge
 * @param warn says what is wrong with a URL that is not used as it is
 * @returns `undefined` if the server publishes none
 * @throws {Error} if it cannot be used, above all if it is about another resource
 */
export async function findProtectedResource(
  serverUrl: URL,
  challenged: string | undefined,
  http: HttpClient,
  policy: UrlPolicy,
  warn: (message: string) => void = () => {},
): Promise<ProtectedResource | undefined> {
  const wellKnown = wellKnownPlaces(serverUrl);
  const find = (places: readonly URL[]) =>
    firstMetadata(places, http, (metadata) => accept(metadata, serverUrl));
  if (challenged === undefined) return await find(wellKnown);

  let named: URL;
  try {
    named = challengedPlace(challenged, serverUrl, policy, warn);
  } catch (error) {
    // The server has metadata, but names it wrongly, as some do behind a proxy.
    const found = await find(wellKnown);
    if (!found) throw error;
    warn(`${messageOf(error)}; using ${found.url} instead`);
    return found;
  }
  const found = await find([named, ...wellKnown]);
  if (found) return found;
  throw new ExplainedError({
    problem: `the MCP server names ${named} for its metadata, but nothing is there`,
    hint: "Tell its operator, or set MCP_AUTH_SERVER_URL to the token endpoint",
  });
}

/** The URL in a challenge. A server behind a proxy that ends TLS may name itself with http. */
function challengedPlace(
  text: string,
  serverUrl: URL,
  policy: UrlPolicy,
  warn: (message: string) => void,
): URL {
  const secure = text.replace(/^http:/i, "https:");
  const isOurs = secure !== text && URL.canParse(secure) && serverUrl.protocol === "https:" &&
    new URL(secure).origin === serverUrl.origin;
  if (isOurs) warn(`The MCP server names its metadata at ${text}; using https instead of http`);
  return checkUrl(isOurs ? secure : text, "resource_metadata", serverUrl, policy);
}

/** The path of the endpoint first, then the root. */
function wellKnownPlaces({ origin, pathname, search }: URL): URL[] {
  const wellKnown = `${origin}/.well-known/oauth-protected-resource`;
  const path = pathname === "/" ? "" : pathname;
  return [...new Set([wellKnown + path + search, wellKnown])].map((place) => new URL(place));
}

function accept({ url, members }: Metadata, serverUrl: URL): ProtectedResource {
  const { resource } = members;
  if (typeof resource !== "string" || !covers(resource, serverUrl)) {
    throw new ExplainedError({
      problem: `the resource metadata at ${url} is for ${JSON.stringify(resource)}, not for ` +
        `${serverUrl}: the proxy does not request a token for another resource`,
      hint:
        "Check MCP_SERVER_URL. If it is right, set MCP_AUTH_SERVER_URL to the token endpoint, " +
        "and MCP_RESOURCE or MCP_SCOPE if the authorization server needs one",
    });
  }
  return {
    url,
    resource,
    authorizationServers: strings(members.authorization_servers) ?? [],
    scopes: strings(members.scopes_supported),
  };
}

/**
 * Whether a resource identifier is that of the server's URL or of a place above it. RFC 9728 wants
 * exactly the URL; MCP lets one identifier stand for all endpoints below it.
 */
export function covers(resource: string, serverUrl: URL): boolean {
  if (!URL.canParse(resource) || resource.includes("#")) return false;
  const { origin, pathname, search, username, password } = new URL(resource);
  if (username || password) return false;
  const withSlash = (path: string) => path.endsWith("/") ? path : `${path}/`;
  return origin === serverUrl.origin && origin !== "null" &&
    withSlash(serverUrl.pathname).startsWith(withSlash(pathname)) &&
    (search === "" || search === serverUrl.search);
}
