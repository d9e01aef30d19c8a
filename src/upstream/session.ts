/** Sessions of Streamable HTTP: their id and version, and what a new one needs. */

import { ProxyError } from "../errors.ts";
import {
  errorOf,
  type Message,
  METHOD_NOT_FOUND,
  paramOf,
  resultOf,
  tryParse,
  type WholeMessage,
} from "../json/jsonrpc.ts";
import { METHOD } from "../mcp/methods.ts";
import { encodeHeaderValue } from "../mcp/request_metadata.ts";
import { VERSION_HEADER_SINCE } from "../mcp/revisions.ts";
import type { HttpResponse } from "../runtime/types.ts";
import type { HttpFailure } from "./http_failure.ts";
import { observed } from "./reply.ts";
import type { Reply } from "./upstream.ts";

/** The result of one `initialize` (Streamable HTTP, "Session Management"). */
export interface Session {
  /** The id that the server assigned; `null` if it works without. */
  readonly id: string | null;
  /** The negotiated revision, once it is known. */
  version?: string;
}

/** The session that an answer to `initialize` begins. */
export function sessionOf(response: HttpResponse): Session {
  return { id: response.headers.get("mcp-session-id") };
}

/** The headers of everything that is sent after `initialize`. */
export function sessionHeaders({ id, version }: Session): Record<string, string> {
  const headers: Record<string, string> = {};
  if (id !== null) headers["mcp-session-id"] = id;
  if (version !== undefined && version >= VERSION_HEADER_SINCE) {
    headers["mcp-protocol-version"] = encodeHeaderValue(version);
  }
  return headers;
}

/** The same reply to `initialize`. Calls `onVersion` with the negotiated revision when it is read. */
export function captureVersion(reply: Reply, onVersion: (version: string) => void): Reply {
  return observed(reply, (text) => {
    const answer = tryParse(text);
    const version = answer && resultOf(answer, "protocolVersion");
    if (typeof version === "string") onVersion(version);
  });
}

/**
 * Reads up to the answer to `initialize`.
 *
 * @throws {ProxyError} if there is none, or if the server does not agree
 */
export async function agreed(messages: Reply["messages"]): Promise<void> {
  const answer = await firstResponse(messages);
  if (!answer) throw new ProxyError("interrupted", "the server did not answer initialize");
  if (errorOf(answer)) throw new ProxyError("bad_response", answer.text);
}

/** Reads up to the first response. */
export async function firstResponse(
  messages: Reply["messages"],
): Promise<WholeMessage | undefined> {
  for await (const text of messages) {
    const message = tryParse(text);
    if (message?.kind === "response") return message;
  }
}

/**
 * Whether a failure means that the session is lost: 404 by the specification, and other statuses that
 * servers use, if the text says so.
 */
export function isSessionLost(session: Session, { status, body, error }: HttpFailure): boolean {
  // Some servers give an unknown method the status 404, as revision 2026-07-28 wants.
  const isUnknownMethod = error !== undefined && errorOf(error, "code") === METHOD_NOT_FOUND;
  if (session.id === null || isUnknownMethod) return false;
  if (status === 404) return true;
  return LOST_STATUSES.has(status) && LOST_SESSION.test(body.replace(/[_-]/g, " "));
}

/** Statuses other than 404 that servers use; 500 and 503 after a restart. */
const LOST_STATUSES = new Set([400, 401, 409, 410, 422, 500, 503]);

/** How servers word such a status for a session that they do not know. */
const LOST_SESSION = new RegExp(
  "no (valid |active )?(session|transport)|(invalid|unknown|missing|expired|no such)[^.]{0,24}session" +
    "|session[^.]{0,24}(not found|not exist|invalid|unknown|expired|terminated|closed)" +
    "|server not initialized",
  "i",
);

/** The client's own messages that have to be sent again in a new session. */
export interface Handshake {
  /** The client's `initialize`, once the server has accepted it. */
  initialize?: Message;
  /** The client's `notifications/initialized`. */
  initialized?: Message;
  /** Requests that hold for a session: the log level, and subscriptions by URI. */
  readonly inForce: Map<string, Message>;
}

/** The client's `initialize`, to begin a new session with. */
export function initializeOf({ initialize }: Handshake): Message {
  if (!initialize) throw new Error("there is no initialize to repeat"); // No session was begun.
  return initialize;
}

/** The messages that a new session needs after `initialize`, in order. */
export function afterInitialize({ initialized, inForce }: Handshake): Message[] {
  return [...(initialized ? [initialized] : []), ...inForce.values()];
}

/** Remembers what of `message` a new session would need. */
export function remember(handshake: Handshake, message: Message): void {
  const { method = "" } = message;
  if (Object.hasOwn(MEMORABLE, method)) MEMORABLE[method](handshake, message);
}

const MEMORABLE: Readonly<Record<string, (handshake: Handshake, message: Message) => void>> = {
  [METHOD.initialize](handshake, message) {
    handshake.initialize = message;
    handshake.initialized = undefined;
    handshake.inForce.clear();
  },
  [METHOD.initialized]: (handshake, message) => handshake.initialized = message,
  [METHOD.setLevel]: ({ inForce }, message) => inForce.set(METHOD.setLevel, message),
  [METHOD.subscribe]: ({ inForce }, message) => inForce.set(subscription(message), message),
  [METHOD.unsubscribe]: ({ inForce }, message) => inForce.delete(subscription(message)),
};

function subscription(message: Message): string {
  return `subscription to ${paramOf(message, "uri")}`;
}
