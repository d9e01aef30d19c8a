import { findAuthorizationServer } from "../../auth/discovery/authorization_server.ts";
import { readChallenge } from "../../auth/discovery/challenge.ts";
import { createDiscovery } from "../../auth/discovery/discovery.ts";
import { SILENT } from "../../log/log.ts";
import { sameOriginRedirects } from "../../http/redirects.ts";
import type { HttpClient, Runtime } from "../../runtime/types.ts";
import { hasOwnToken, type Texts } from "../texts.ts";
import { knock } from "../check/probe_without_token.ts";
import { hostOf } from "./flags.ts";

/** Where the user's own answers end, whatever metadata names is allowed here: nothing secret is sent. */
const POLICY = { allowHttp: true, allowPrivateAddresses: true };

/**
 * The servers that metadata names: `host:port` of every server that the proxy will
 * contact in addition to those that the settings name. Asks the MCP server and its authorization server, without credentials.
 *
 * @throws {Error} if they cannot be asked, or name nothing
 */
export async function discoveredHosts(
  texts: Texts,
  runtime: Pick<Runtime, "http" | "readTextFile">,
): Promise<string[]> {
  if (hasOwnToken(texts)) return [];
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
      ...POLICY,
      serverUrl,
      issuer: texts.get("MCP_AUTH_ISSUER"),
      suits: () => true,
      http: ask,
      log: SILENT,
    });
    add((await discover(challenge))?.server);
  }
  const identityProvider = texts.get("MCP_IDP_ISSUER");
  if (identityProvider) add(await findAuthorizationServer(identityProvider, ask, POLICY));
  return [...hosts].filter((host) => host !== undefined);
}
