import { _meta } from "../parts/modern_messages.ts";

/** The members of a JSON-RPC message, as far as the harness reads them. */
export interface Incoming {
  readonly id?: unknown;
  readonly method?: unknown;
}

const TOOL = {
  name: "echo",
  description: "Says it again",
  inputSchema: { type: "object", properties: { text: { type: "string", "x-mcp-header": "Text" } } },
};
const SERVER = { name: "fuzz", version: "1" };

/** Results that a server gives, by method. */
export const RESULTS: ReadonlyMap<unknown, unknown> = new Map<unknown, unknown>([
  ["initialize", {
    protocolVersion: "2025-11-25",
    capabilities: { tools: { listChanged: true }, logging: {} },
    serverInfo: SERVER,
  }],
  ["server/discover", {
    resultType: "complete",
    supportedVersions: ["2026-07-28"],
    capabilities: { tools: { listChanged: true } },
    serverInfo: SERVER,
    _meta: { "io.modelcontextprotocol/serverInfo": SERVER },
  }],
  ["tools/list", { resultType: "complete", tools: [TOOL, { ...TOOL, name: "more" }], ttlMs: 1000 }],
  ["tools/call", {
    resultType: "complete",
    content: [{ type: "text", text: "é€\u{1f600}" }],
    structuredContent: { a: [1, 2.5, -0, 1e21] },
  }],
]);

/** Messages that a server sends before the answer to a request. */
export const SERVER_MESSAGES: readonly unknown[] = [
  { jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data: "x" } },
  { jsonrpc: "2.0", method: "notifications/progress", params: { progressToken: 1, progress: 1 } },
  { jsonrpc: "2.0", method: "notifications/tools/list_changed" },
  { jsonrpc: "2.0", id: "server-1", method: "sampling/createMessage", params: { messages: [] } },
  { jsonrpc: "2.0", id: 7, method: "ping" },
  { jsonrpc: "2.0", id: 1, error: { code: -32601, message: "Method not found" } },
];

/** What a client sends next to well-formed calls. */
export const CLIENT_MESSAGES: readonly unknown[] = [
  {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "echo", arguments: { text: "é" } },
  },
  { jsonrpc: "2.0", id: "a", method: "tools/list", params: { _meta } },
  { jsonrpc: "2.0", id: 2, method: "tools/call", params: { name: "echo", arguments: {}, _meta } },
  { jsonrpc: "2.0", id: 3, method: "server/discover", params: { _meta } },
  { jsonrpc: "2.0", id: "s", method: "subscriptions/listen", params: { notifications: {}, _meta } },
  { jsonrpc: "2.0", method: "notifications/progress", params: { progressToken: 1, progress: 1 } },
  { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } },
  { jsonrpc: "2.0", id: "server-1", result: { content: { type: "text", text: "x" } } },
  { jsonrpc: "2.0", id: 7, error: { code: -1, message: "no" } },
  [{ jsonrpc: "2.0", id: 5, method: "ping" }, { jsonrpc: "2.0", method: "notifications/x" }],
];

/** A token answer (RFC 6749 section 5.1). */
export const TOKEN = {
  access_token: "fuzz-token",
  token_type: "Bearer",
  expires_in: 300,
  scope: "read write",
};
/** A refusal of the token endpoint (RFC 6749 section 5.2). */
export const TOKEN_ERROR = {
  error: "invalid_client",
  error_description: "The client <b>is not</b> known",
  error_uri: "https://example.com/help",
};

/** The metadata documents of a server at `origin`, by path. */
export function metadata(origin: string): ReadonlyMap<string, unknown> {
  const resource = {
    resource: `${origin}/mcp`,
    authorization_servers: [origin],
    scopes_supported: ["read", "write"],
  };
  const server = {
    issuer: origin,
    token_endpoint: `${origin}/token`,
    grant_types_supported: ["client_credentials"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    dpop_signing_alg_values_supported: ["ES256"],
  };
  return new Map<string, unknown>([
    ["/.well-known/oauth-protected-resource/mcp", resource],
    ["/.well-known/oauth-protected-resource", resource],
    ["/.well-known/oauth-authorization-server", server],
    ["/.well-known/openid-configuration", server],
  ]);
}

/** A challenge of a server at `origin` (RFC 6750, RFC 9728). */
export function challenge(origin: string): string {
  return `Bearer realm="fuzz", error="invalid_token", error_description="It's over", scope="read", ` +
    `resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp", DPoP algs="ES256"`;
}
