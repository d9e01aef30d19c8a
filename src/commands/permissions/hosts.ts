import { findAuthorizationServer } from "../../auth/discovery/authorization_server.ts";
import { readChallenge } from "../../auth/discovery/challenge.ts";
import { createDiscovery } from "../../auth/discovery/discovery.ts";
import { SILENT } from "../../log/log.ts";
import { sameOriginRedirects } from "../../http/redirects.ts";
import type { HttpClient, Runtime } from "../../runtime/types.ts";
import { hasOwnToken, policyOf, type Texts } from "../texts.ts";
import { knock } from "../check/probe_without_token.ts";
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
  const policy = policyOf(texts);
  const caFile = texts.get("MCP_CA_FILE");
  const http = runtime.http({ ca: caFile && await runtime.readTextFile(caFile) });
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

  const endpoint = texts.get("MCP_AUTH_SERVER_URL") ?? "discover";
  if (endpoint === "discover") {
    const serverUrl = new URL(texts.get("MCP_SERVER_URL")!);
    const challenge = await readChallenge(await knock(serverUrl, http));
    const discover = createDiscovery({
      ...policy,
      serverUrl,
      issuer: texts.get("MCP_AUTH_ISSUER"),
      suits: () => true,
      http: ask,
      log: SILENT,
    });
    add((await discover(challenge))?.server);
  }
  const identityProvider = texts.get("MCP_IDP_ISSUER");
  if (identityProvider) add(await findAuthorizationServer(identityProvider, ask, policy));
  return [...hosts].filter((host) => host !== undefined);
}
