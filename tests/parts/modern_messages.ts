/** The member of `_meta` that declares the revision of a message. */
export const VERSION = "io.modelcontextprotocol/protocolVersion";

/** What every request of revision 2026-07-28 carries. */
export const _meta = {
  [VERSION]: "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "test", version: "1.0.0" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** A request of revision 2026-07-28. */
export function modern(id: number | string, method: string, params: Record<string, unknown> = {}) {
  return { jsonrpc: "2.0", id, method, params: { ...params, _meta } };
}

/** A `tools/call` of revision 2026-07-28. */
export function modernCall(id: number | string, name = "echo", args: unknown = {}) {
  return modern(id, "tools/call", { name, arguments: args });
}
