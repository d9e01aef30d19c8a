/** The metadata of requests of 2026-07-28, in `_meta` and in headers. */

import { toBase64 } from "../json/base64.ts";
import { type Message, paramOf } from "../json/jsonrpc.ts";
import { NAMED_BY } from "./methods.ts";

/** Members of a modern request's `_meta` (2026-07-28, "`_meta`"). */
export const META = {
  /** Makes a request a modern one: the revision that it follows. */
  version: "io.modelcontextprotocol/protocolVersion",
  clientInfo: "io.modelcontextprotocol/clientInfo",
  clientCapabilities: "io.modelcontextprotocol/clientCapabilities",
  logLevel: "io.modelcontextprotocol/logLevel",
  /** In the `_meta` of a result. */
  serverInfo: "io.modelcontextprotocol/serverInfo",
  /** In the `_meta` of a notification. */
  subscriptionId: "io.modelcontextprotocol/subscriptionId",
} as const;

/** The revision that a message itself declares; `undefined` for a legacy message. */
export function declaredVersion(message: Message): string | undefined {
  if (message.isSkimmed) return undefined;
  const version = paramOf(message, "_meta", META.version);
  return typeof version === "string" ? version : undefined;
}

/** The headers that mirror a request's body (2026-07-28, "Request Metadata"). */
export function metadataHeaders(message: Message): Record<string, string> {
  const method = message.method ?? "";
  const headers: Record<string, string> = {
    "mcp-protocol-version": encodeHeaderValue(declaredVersion(message) ?? ""),
    "mcp-method": encodeHeaderValue(method),
  };
  const name = paramOf(message, NAMED_BY.get(method) ?? "");
  if (typeof name === "string") headers["mcp-name"] = encodeHeaderValue(name);
  return headers;
}

/** A text as header value: as it is if that is safe, else in base64 (2026-07-28, "Value Encoding"). */
export function encodeHeaderValue(text: string): string {
  const safe = /^[\x21-\x7e]?$|^[\x21-\x7e][\x20-\x7e]*[\x21-\x7e]$/.test(text);
  const ambiguous = text.startsWith("=?base64?") && text.endsWith("?=");
  return safe && !ambiguous ? text : `=?base64?${toBase64(new TextEncoder().encode(text))}?=`;
}
