import { METHOD } from "../../mcp/methods.ts";
import { META } from "../../mcp/request_metadata.ts";
import { LEGACY, MODERN } from "../../mcp/revisions.ts";
import type { Runtime } from "../../runtime/types.ts";
import type { Settings } from "../../settings/settings.ts";
import { VERSION } from "../../version.ts";
import { withMeta } from "./metadata.ts";
import { type Rpc, RpcError, type RpcEvents, startRpc } from "./rpc.ts";

/** A connection to a server. */
export interface McpClient {
  /** What the server says it is. */
  readonly server: { readonly name?: string; readonly version?: string };
  /** The MCP revision of the connection. */
  readonly revision: string;
  /** The method that the connection began with: `server/discover` since 2026-07-28, `initialize` before. */
  readonly begunBy: typeof METHOD.discover | typeof METHOD.initialize;
  /** Whether the server says that it has tools. */
  readonly hasTools: boolean;
  /**
   * Sends a request.
   *
   * @param params a JSON object, as text
   * @returns the result, as the server wrote it
   * @throws {RpcError} if the answer is an error
   */
  request(method: string, params?: string): Promise<string>;
  /** Closes the connection. */
  close(): Promise<void>;
}

const CLIENT = { name: "mcp-oauth-proxy", version: VERSION };
/** What every request of a modern client says (2026-07-28, "`_meta`"). */
const METADATA = {
  [META.version]: MODERN,
  [META.clientInfo]: CLIENT,
  [META.clientCapabilities]: {},
};

/**
 * Runs the proxy and connects through it, by the same route as every client of the proxy: as a client
 * of 2026-07-28, which the proxy bridges to an older server. Without a bridge (`MCP_PROTOCOL`), an
 * older server gets a client of its own era, as the specification describes it for stdio
 * (2026-07-28, "Backward Compatibility").
 *
 * @throws {RpcError} if the server speaks neither era
 */
export async function connectClient(
  settings: Settings,
  runtime: Runtime,
  events?: RpcEvents,
): Promise<McpClient> {
  const rpc = startRpc(settings, runtime, events);
  try {
    return await discover(rpc) ?? await initialize(rpc);
  } catch (error) {
    await rpc.close();
    throw error;
  }
}

/**
 * Begins as a client of 2026-07-28.
 *
 * @returns `undefined` if the server does not speak this revision
 */
export async function discover(rpc: Rpc): Promise<McpClient | undefined> {
  const request: McpClient["request"] = (method, params = "{}") =>
    rpc.request(method, withMeta(params, METADATA));
  try {
    const result = JSON.parse(await request(METHOD.discover)) ?? {};
    const { supportedVersions, capabilities, _meta } = result;
    // Some servers answer every method with a result.
    if (!Array.isArray(supportedVersions) || !supportedVersions.includes(MODERN)) return undefined;
    return {
      server: _meta?.[META.serverInfo] ?? {},
      revision: MODERN,
      begunBy: METHOD.discover,
      hasTools: Boolean(capabilities?.tools),
      request,
      close: rpc.close,
    };
  } catch (error) {
    if (error instanceof RpcError && mayBeLegacy(error)) return undefined;
    throw error;
  }
}

/** A server that the proxy could not reach at all cannot be reached with another method either. */
function mayBeLegacy({ data }: RpcError): boolean {
  const { source, reason } = data ?? {};
  return source !== "mcp-oauth-proxy" || reason === "http_status" || reason === "bad_response";
}

/** Begins as a client of 2025-11-25 or earlier. */
export async function initialize(rpc: Rpc): Promise<McpClient> {
  const params = { protocolVersion: LEGACY, capabilities: {}, clientInfo: CLIENT };
  const result = JSON.parse(await rpc.request(METHOD.initialize, JSON.stringify(params))) ?? {};
  await rpc.notify(METHOD.initialized);
  return {
    server: result.serverInfo ?? {},
    revision: String(result.protocolVersion),
    begunBy: METHOD.initialize,
    hasTools: Boolean(result.capabilities?.tools),
    request: (method, params = "{}") => rpc.request(method, params),
    close: rpc.close,
  };
}
