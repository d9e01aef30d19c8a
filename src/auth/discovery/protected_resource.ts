import { ExplainedError, messageOf, rethrowFault } from "../../errors.ts";
import type { HttpClient } from "../../runtime/types.ts";
import { firstMetadata, type Metadata, strings } from "./metadata.ts";
import { checkUrl, type UrlPolicy } from "./url_policy.ts";

/** The metadata of a protected resource (RFC 9728 section 2), as far as it is used. */
export interface ProtectedResource {
  /** Where it was read. */
  readonly url: URL;
  /** Its identifier, exactly as published. */
  readonly resource: string;
  /** Issuers of the authorization servers whose tokens it accepts. */
  readonly authorizationServers: readonly string[];
  /** Scopes that its basic functions need. */
  readonly scopes?: readonly string[];
}

/**
 * Finds the protected resource metadata of an MCP server: at the URL in its challenge, otherwise at the
 * well-known URLs (MCP 2026-07-28, "Protected Resource Metadata Discovery Requirements").
 *
 * @param serverUrl the MCP endpoint
 * @param challenged `resource_metadata` of the challenge
 * @param warn takes a warning about a URL that is wrong and not used as it is
 * @returns `undefined` if the server publishes none
 * @throws {Error} if it cannot be used, for example because it is about another resource
 */
export async function findProtectedResource(
  serverUrl: URL,
  challenged: string | undefined,
  http: HttpClient,
  policy: UrlPolicy,
  warn: (message: string) => void = () => {},
): Promise<ProtectedResource | undefined> {
  const wellKnown = wellKnownUrls(serverUrl);
  const find = (urls: readonly URL[]) =>
    firstMetadata(urls, http, (metadata) => accept(metadata, serverUrl));
  if (challenged === undefined) return await find(wellKnown);

  let named: URL;
  try {
    named = challengedUrl(challenged, serverUrl, policy, warn);
  } catch (error) {
    rethrowFault(error);
    // The server has metadata, but its challenge has a wrong URL, as with some reverse proxies.
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

/** The URL in a challenge. A server behind a TLS terminator may name itself with http. */
function challengedUrl(
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

/** The URL for the path of the endpoint, then the one for the root. */
function wellKnownUrls({ origin, pathname, search }: URL): URL[] {
  const wellKnown = `${origin}/.well-known/oauth-protected-resource`;
  const path = pathname === "/" ? "" : pathname;
  return [...new Set([wellKnown + path + search, wellKnown])].map((url) => new URL(url));
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
 * Whether a resource identifier is the server's URL or one above it. RFC 9728 requires exactly the
 * URL; MCP allows one identifier for all endpoints below it.
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
