/** Replies that the bridge gives itself. */

import { errorReply, INVALID_PARAMS, type Message, METHOD_NOT_FOUND } from "../json/jsonrpc.ts";
import { MODERN } from "../mcp/revisions.ts";
import type { Reply } from "../upstream/upstream.ts";
import { resultReply } from "./written.ts";

/** The reply to what needs none. */
export const NO_REPLY: Reply = { kind: "none", messages: [] };

/** A result. @param result a JSON object, as text */
export function succeeded({ requests: [id] }: Message, result = "{}"): Reply {
  return { kind: "single", messages: [resultReply(id, result)] };
}

/** A JSON-RPC error. */
export function failed(
  { requests: [id] }: Message,
  error: { code: number; message: string; data?: unknown },
): Reply {
  return { kind: "single", messages: [errorReply(id, error)] };
}

/** The error for a method that the client's revision does not have. */
export function withoutMethod(message: Message): Reply {
  const text = `Method not found: ${message.method} is not part of ${MODERN}`;
  return failed(message, { code: METHOD_NOT_FOUND, message: text });
}

/** The error for a request whose `requestState` cannot be used. */
export function wrongState(message: Message): Reply {
  const reason = "requestState is unknown, expired or used, or belongs to another request";
  return failed(message, { code: INVALID_PARAMS, message: `Invalid params: ${reason}` });
}
