/** The messages that are sent, and what the two sides of the benchmark agree on. */

/** The token of the benchmark's authorization server; also the static one for who brings its own. */
export const ACCESS_TOKEN = "bench-access-token";

/** The tools of the MCP server: all send `text` back, as JSON, as SSE, or behind a notification. */
export const TOOLS = { json: "echo", sse: "echo_sse", stream: "echo_stream" };

/** Marks around a large payload, so that the server finds it without parsing. */
export const PAYLOAD_START = "#start#";
/** See {@linkcode PAYLOAD_START}. */
export const PAYLOAD_END = "#end#";

const encoder = new TextEncoder();

/** The first request of a session. */
export function initialize(id: number): Uint8Array {
  return line({
    jsonrpc: "2.0",
    id,
    method: "initialize",
    params: {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "bench", version: "1.0.0" },
    },
  });
}

/** The notification behind it. */
export function initialized(): Uint8Array {
  return line({ jsonrpc: "2.0", method: "notifications/initialized" });
}

/** What each request of a client of 2026-07-28 carries. */
export const MODERN_META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1.0.0" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** A tools/call with a text of some sixty characters, about 200 bytes in all. */
export function call(id: number, tool: string, text = SMALL, meta = {}): Uint8Array {
  const params = { name: tool, arguments: { text }, _meta: { progressToken: id, ...meta } };
  return line({ jsonrpc: "2.0", id, method: "tools/call", params });
}

const SMALL = "The quick brown fox jumps over the lazy dog, and then it rests.";

/**
 * A text whose JSON form has `bytes` bytes (from 1 KB; to a few dozen): lines of source code with the
 * quotes, line breaks and non-ASCII letters that real files have, since they decide what parsing costs.
 */
export function payload(bytes: number): string {
  const unit = '  const name = "größe"; // one more line of a file, as tools return them\n';
  const unitBytes = encoder.encode(JSON.stringify(unit)).length - 2;
  const room = bytes - PAYLOAD_START.length - PAYLOAD_END.length;
  return PAYLOAD_START + unit.repeat(Math.ceil(room / unitBytes)) + PAYLOAD_END;
}

function line(message: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(message) + "\n");
}
