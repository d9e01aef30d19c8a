import { unlessFault } from "../../errors.ts";
import type { Challenge } from "../../auth/discovery/challenge.ts";
import { createDiscovery } from "../../auth/discovery/discovery.ts";
import { mediaType } from "../../http/http.ts";
import { SILENT } from "../../log/log.ts";
import { sameOriginRedirects } from "../../http/redirects.ts";
import type { HttpClient } from "../../runtime/types.ts";
import type { Settings } from "../../settings/settings.ts";
import { probeWithoutToken } from "./probe_without_token.ts";

/** Usual paths of MCP endpoints. */
const LIKELY_PATHS = ["/mcp", "/sse", "/v1/mcp", "/api/mcp"];

/** Another URL of the same server that answers like an MCP endpoint. */
export async function likelyEndpoint(url: URL, http: HttpClient): Promise<string | undefined> {
  const base = url.pathname.replace(/\/$/, "");
  const paths = [...LIKELY_PATHS.map((path) => base + path), ...LIKELY_PATHS];
  for (const path of new Set(paths)) {
    if (path === url.pathname) continue;
    const guess = new URL(path, url);
    const response = await probeWithoutToken(guess, http).catch(unlessFault(undefined));
    const { status } = response ?? {};
    // A web server for people may answer every request with 200.
    const isPage = response && mediaType(response) === "text/html";
    if (status === 401 || (status === 200 && !isPage)) return guess.href;
  }
}

/** The token endpoint that the server publishes, if it is another one than the configured one. */
export async function discoveredEndpoint(
  settings: Settings,
  challenge: Challenge | undefined,
  http: HttpClient,
): Promise<string | undefined> {
  if (!challenge) return undefined;
  const ask = sameOriginRedirects(http, (status) => new Error(`a redirect (${status})`));
  const discover = createDiscovery({ ...settings, supports: () => true, http: ask, log: SILENT });
  const target = await discover(challenge).catch(unlessFault(undefined));
  const endpoint = target?.server.token_endpoint;
  // Without metadata it is a guess, which is not shown.
  return target?.hint || endpoint === String(settings.authServerUrl) ? undefined : endpoint;
}
