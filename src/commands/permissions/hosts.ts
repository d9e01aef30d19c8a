import { findAuthorizationServer } from "../../auth/discovery/authorization_server.ts";
import { readChallenge } from "../../auth/discovery/challenge.ts";
import { createDiscovery } from "../../auth/discovery/discovery.ts";
import { SILENT } from "../../log/log.ts";
import { sameOriginRedirects } from "../../http/redirects.ts";
import type { HttpClient, Runtime } from "../../runtime/types.ts";
import { hasOwnToken, policyOf, type Texts } from "../texts.ts";
import { probeWithoutToken } from "../check/probe_without_token.ts";
import { hostOf } from "./flags.ts";

/**
 * Discovers `host:port` of every server that the proxy contacts in addition to those of the settings.
 * It asks the MCP server and its authorization server, without credentials, and checks the addresses
 * that they name as the proxy does.
 *
 * @throws {Error} if they cannot be reached, name nothing, or name an address that is refused
 */
export async function discoveredHosts(
  texts: Texts,
  runtime: Pick<Runtime, "http" | "readTextFile">,
): Promise<string[]> {
  if (hasOwnToken(texts)) return [];
  const endpoint = texts.get("MCP_AUTH_SERVER_URL") ?? "discover";
  const identityProvider = texts.get("MCP_IDP_ISSUER");
  if (endpoint !== "discover" && !identityProvider) return [];
  const policy = policyOf(texts);
  const http = await httpFor(texts, runtime);
  const hosts = new Set<string | undefined>();
  const observed: HttpClient = (request) => {
    hosts.add(hostOf(request.url));
    return http(request);
  };
  const ask = sameOriginRedirects(
    observed,
    (_status, { origin }) => new Error(`a redirect to ${origin} is not followed`),
  );
  const add = (server: Awaited<ReturnType<typeof findAuthorizationServer>>) => {
    hosts.add(server?.token_endpoint && hostOf(server.token_endpoint));
    const mutualTls = server?.mtls_endpoint_aliases?.token_endpoint;
    hosts.add(mutualTls && hostOf(mutualTls));
  };

  if (endpoint === "discover") {
    const serverUrl = new URL(texts.get("MCP_SERVER_URL") ?? "");
    const challenge = readChallenge(await probeWithoutToken(serverUrl, http));
    const discover = createDiscovery({
      ...policy,
      serverUrl,
      issuer: texts.get("MCP_AUTH_ISSUER"),
      supports: () => true,
      http: ask,
      log: SILENT,
    });
    add((await discover(challenge))?.server);
  }
  if (identityProvider) add(await findAuthorizationServer(identityProvider, ask, policy));
  return [...hosts].filter((host) => host !== undefined);
}

/** Sends to the servers that the user named with the client certificate, and to others without. */
async function httpFor(
  texts: Texts,
  runtime: Pick<Runtime, "http" | "readTextFile">,
): Promise<HttpClient> {
  const textOf = (variable: string) => {
    const path = texts.get(variable);
    return path === undefined ? undefined : runtime.readTextFile(path);
  };
  const ca = await textOf("MCP_CA_FILE");
  const cert = await textOf("MCP_CLIENT_CERT_FILE");
  const key = await textOf("MCP_CLIENT_KEY_FILE");
  const plainHttp = runtime.http({ ca });
  if (cert === undefined || key === undefined) return plainHttp;
  const http = runtime.http({ ca, cert, key });
  const named = ["MCP_SERVER_URL", "MCP_AUTH_ISSUER"]
    .map((variable) => texts.get(variable))
    .map((url) => url && new URL(url).origin);
  return (request) => (named.includes(new URL(request.url).origin) ? http : plainHttp)(request);
}
