import { readChallenge } from "../../auth/discovery/challenge.ts";
import { createDiscovery } from "../../auth/discovery/discovery.ts";
import { explanationOf, rethrowFault } from "../../errors.ts";
import { sameOriginRedirects } from "../../http/redirects.ts";
import { SILENT } from "../../log/log.ts";
import type { Runtime } from "../../runtime/types.ts";
import { probeWithoutToken } from "../check/probe_without_token.ts";
import { waitAtMost } from "../check/wait_at_most.ts";
import { hasOwnToken, policyOf, type Texts } from "../texts.ts";

/** Milliseconds that the servers may take, since the entry can be written without them. */
const ANSWER_WITHIN = 5_000;

/** What the entry says about the issuer, and what the user should know about it. */
export interface IssuerChoice {
  /** The issuer for the entry; absent if it is set already, or not known. */
  readonly issuer?: string;
  readonly note?: string;
}

/**
 * Discovers the issuer that an entry should pin. It asks the MCP server and its authorization server,
 * without credentials.
 */
export async function chooseIssuer(
  texts: Texts,
  runtime: Pick<Runtime, "http" | "readTextFile">,
): Promise<IssuerChoice> {
  const serverUrl = texts.get("MCP_SERVER_URL");
  const endpoint = texts.get("MCP_AUTH_SERVER_URL") ?? "discover";
  if (hasOwnToken(texts)) return {};
  if (texts.has("MCP_AUTH_ISSUER") || endpoint !== "discover" || !serverUrl) return {};
  let why = "the MCP server publishes none";
  try {
    const issuer = await waitAtMost(
      ANSWER_WITHIN,
      discoverIssuer(new URL(serverUrl), texts, runtime),
    );
    if (issuer) {
      const note =
        `MCP_AUTH_ISSUER is ${issuer}, which the MCP server names. Check that it is the ` +
        "authorization server that issued your credential: only this server receives it.";
      return { issuer, note };
    }
  } catch (error) {
    rethrowFault(error);
    why = explanationOf(error).problem;
  }
  const note = `MCP_AUTH_ISSUER is not in the entry, because it could not be discovered: ${why}. ` +
    "Add --auth-issuer, so that only your authorization server receives the credential.";
  return { note };
}

async function discoverIssuer(
  serverUrl: URL,
  texts: Texts,
  runtime: Pick<Runtime, "http" | "readTextFile">,
): Promise<string | undefined> {
  const caFile = texts.get("MCP_CA_FILE");
  const http = runtime.http({ ca: caFile && await runtime.readTextFile(caFile) });
  const discover = createDiscovery({
    serverUrl,
    ...policyOf(texts),
    supports: () => true,
    http: sameOriginRedirects(
      http,
      (_status, { origin }) => new Error(`a redirect to ${origin} is not followed`),
    ),
    log: SILENT,
  });
  const target = await discover(readChallenge(await probeWithoutToken(serverUrl, http)));
  // Without metadata the token endpoint is a guess, and there is no issuer to pin.
  return target?.hint ? undefined : target?.server.issuer;
}
