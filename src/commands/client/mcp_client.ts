import { METHOD } from "../../mcp/methods.ts";
import { META } from "../../mcp/request_metadata.ts";
import { LEGACY, MODERN } from "../../mcp/revisions.ts";
import type { Runtime } from "../../runtime/types.ts";
import type { Settings } from "../../settings/settings.ts";
import { VERSION } from "../../version.ts";
import { type Rpc, RpcError, startRpc } from "./rpc.ts";

/** A server that this program has made itself known to. */
export interface McpClient {
  /** What the server says it is. */
  readonly server: { readonly name?: string; readonly version?: string };
  /** Revision of MCP that is spoken. */
  readonly revision: string;
  /** The method that began it: `server/discover` since 2026-07-28, `initialize` before. */
  readonly begunBy: typeof METHOD.discover | typeof METHOD.initialize;
  /** Whether the server says that it has tools. */
  readonly hasTools: boolean;
  /**
   * Sends a request.
   *
   * @param params a JSON object, as text
   * @returns the result, as the server wrote it
   * @throws {RpcError} the error it was answered with
   */
  request(method: string, params?: string): Promise<string>;
  /** Ends it. */
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
 * Runs the proxy and makes its server's acquaintance, whichever era that is of: it is asked as a
 * modern one first, as the specification has it for stdio (2026-07-28, "Backward Compatibility").
 *
 * @throws {RpcError} if the server has neither
 */
export async function connectClient(settings: Settings, runtime: Runtime): Promise<McpClient> {
  // This client speaks both eras, so it needs no bridge, which would add to the server's results.
  const rpc = startRpc({ ...settings, protocol: "pass-through" }, runtime);
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
    rpc.request(method, withMeta(params));
  try {
    const result = JSON.parse(await request(METHOD.discover)) ?? {};
    const { supportedVersions, capabilities, _meta } = result;
    // Some servers call everything a success.
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
    if (error instanceof RpcError && speaksNoModern(error)) return undefined;
    throw error;
  }
}

/** What the proxy could not reach at all, it cannot reach with another method either. */
function speaksNoModern({ data }: RpcError): boolean {
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

/** Parameters with the metadata of a modern request; the rest stays as it was written. */
function withMeta(params: string): string {
  const { _meta, ...rest } = JSON.parse(params);
  if (_meta) return JSON.stringify({ ...rest, _meta: { ...METADATA, ..._meta } });
  const members = params.trim().slice(1);
  const comma = Object.keys(rest).length > 0 ? "," : "";
  return `{"_meta":${JSON.stringify(METADATA)}${comma}${members}`;
}
