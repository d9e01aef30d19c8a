import type { Message } from "../json/jsonrpc.ts";

/** The member of `_meta` that makes a request one of revision 2026-07-28 or later. */
const VERSION = "io.modelcontextprotocol/protocolVersion";

/** The revision that a message itself declares; `undefined` for one of the handshake's era. */
export function declaredVersion(message: Message): string | undefined {
  const version = message.value.params?._meta?.[VERSION];
  return typeof version === "string" ? version : undefined;
}

/**
 * Which parameter names what a request is about (2026-07-28, "Standard Request Headers"; for tasks,
 * "Routing Headers" of their extension, SEP-2663).
 */
const NAMED_BY: Readonly<Record<string, string>> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
  "tasks/get": "taskId",
  "tasks/update": "taskId",
  "tasks/cancel": "taskId",
};

/** The headers that mirror a request's body (2026-07-28, "Request Metadata"). */
export function metadataHeaders(message: Message): Record<string, string> {
  const method = message.method ?? "";
  const headers: Record<string, string> = {
    "mcp-protocol-version": declaredVersion(message) ?? "",
    "mcp-method": headerValue(method),
  };
  const name = message.value.params?.[NAMED_BY[method]];
  if (typeof name === "string") headers["mcp-name"] = headerValue(name);
  return headers;
}

/** A text as header value: as it is if that is safe, else in base64 (2026-07-28, "Value Encoding"). */
export function headerValue(text: string): string {
  const safe = /^[\x21-\x7e]?$|^[\x21-\x7e][\x20-\x7e]*[\x21-\x7e]$/.test(text);
  const ambiguous = text.startsWith("=?base64?") && text.endsWith("?=");
  return safe && !ambiguous ? text : `=?base64?${base64(text)}?=`;
}

function base64(text: string): string {
  return btoa(
    Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""),
  );
}
