import { LEGACY, MODERN } from "../../mcp/revisions.ts";
import type { Era } from "../../mcp/revisions.ts";
import { discover, initialize, type McpClient } from "../client/mcp_client.ts";
import { type Rpc, RpcError } from "../client/rpc.ts";
import type { Outcome, Report } from "./report.ts";
import { STEP } from "./steps.ts";

/** What a client of each era gets. */
export interface EraClients {
  /** `undefined` if it gets no connection. */
  readonly modern?: McpClient;
  readonly legacy?: McpClient;
  /** Why the legacy client gets none. */
  readonly legacyError?: RpcError;
}

/**
 * Connects as a client of each era, by the same route as the clients of the proxy.
 *
 * @throws {RpcError} if neither gets a connection
 */
export async function connectEras(rpc: Rpc): Promise<EraClients> {
  const modern = await discover(rpc);
  try {
    return { modern, legacy: await initialize(rpc) };
  } catch (error) {
    if (!modern || !(error instanceof RpcError)) throw error;
    return { modern, legacyError: error };
  }
}

/** The client that needs no bridge; the newer one if neither does. */
export function nativeClient(
  { modern, legacy }: EraClients,
  routes: ReadonlyMap<Era, Era>,
): McpClient {
  const isNative = (routes.get("modern") ?? "modern") === "modern";
  const client = isNative ? modern ?? legacy : legacy ?? modern;
  if (!client) throw new TypeError("no client is connected");
  return client;
}

const ERAS = ["legacy", "modern"] as const satisfies readonly Era[];

const NAMES: Readonly<Record<Era, string>> = {
  legacy: `${LEGACY} or earlier`,
  modern: MODERN,
};

type Way = "direct" | "bridge" | "none";

const WAYS: Readonly<Record<Exclude<Way, "direct">, string>> = {
  bridge: "connect through the proxy's bridge",
  none: "cannot connect",
};

/** Reports which eras the server speaks, and how a client of each one connects. */
export function reportEras(
  clients: EraClients,
  routes: ReadonlyMap<Era, Era>,
  isBridging: boolean,
  report: Report,
): void {
  const way = (era: Era): Way => {
    if (!clients[era]) return "none";
    return (routes.get(era) ?? era) === era ? "direct" : "bridge";
  };
  const ways = { legacy: way("legacy"), modern: way("modern") };
  const spoken = ERAS.filter((era) => ways[era] === "direct").map((era) => NAMES[era]);
  const others = ERAS.flatMap((era) => {
    const way = ways[era];
    return way === "direct" ? [] : `clients of ${NAMES[era]} ${WAYS[way]}`;
  });
  const why = clients.legacyError ? `: ${clients.legacyError.message}` : "";
  const hasNone = ERAS.some((era) => ways[era] === "none");
  report.end(outcomeOf(ways, isBridging), {
    message: `the server speaks ${spoken.join(" and ") || "an unknown version"}; ` +
      (others.join("; ") || "no client needs a bridge") + why,
    next: hasNone
      ? [
        isBridging
          ? "Use a client of the other version"
          : "Unset MCP_PROTOCOL, so that the proxy bridges the versions",
      ]
      : [],
    values: { serverVersions: spoken, clients: ways },
  }, STEP.eras);
}

/** Most clients speak the older revisions, so a server that they cannot use is a failure. */
function outcomeOf(ways: Readonly<Record<Era, Way>>, isBridging: boolean): Outcome {
  if (ways.legacy === "none") return isBridging ? "failed" : "warning";
  return ways.modern === "none" ? "warning" : "ok";
}
