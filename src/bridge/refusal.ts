/** Which answers can mean that the server speaks the other era. They say that nothing was run. */

import { ProxyError } from "../errors.ts";
import {
  errorOf,
  INVALID_REQUEST,
  type Message,
  METHOD_NOT_FOUND,
  resultOf,
  tryParse,
} from "../json/jsonrpc.ts";
import { LONG } from "../json/text.ts";
import { isModernCode, UNSUPPORTED_VERSION } from "../mcp/error_codes.ts";
import { METHOD } from "../mcp/methods.ts";
import type { Reply } from "../upstream/upstream.ts";

/** What a message came to: a reply, or an error that was thrown. */
export type Outcome = { readonly reply: Reply } | { readonly error: unknown };

/** Statuses of servers that cannot do anything with a message. */
const STATUSES = new Set([400, 404, 405, 406, 415, 422, 501]);
/** The code that SDKs of the legacy era send for a missing session or an unknown version. */
const SDK_REFUSAL = -32000;

/** A legacy message that a server of the modern era may have refused. */
export function refusesLegacy(message: Message, outcome: Outcome): boolean {
  const { code, status } = refusalIn(outcome);
  if (isModernCode(code)) return true;
  if (message.method === METHOD.initialize) return code !== undefined || STATUSES.has(status ?? 0);
  // Of what comes later, only a refusal without a JSON-RPC error, such as the Go SDK's.
  return code === undefined && STATUSES.has(status ?? 0);
}

/** A modern message that a server of the legacy era may have refused. */
export function refusesModern(message: Message, outcome: Outcome): boolean {
  const { code, status, supportsNoModern } = refusalIn(outcome);
  if (message.method === METHOD.discover) {
    // The Go SDK answers `server/discover` in the name of a server that has only sessions.
    if (code === METHOD_NOT_FOUND || supportsNoModern) return true;
  }
  if (code === UNSUPPORTED_VERSION) return supportsNoModern;
  if (!STATUSES.has(status ?? 0)) return false;
  return code === undefined || code === SDK_REFUSAL || code === INVALID_REQUEST;
}

interface Refusal {
  /** The status of a failed HTTP exchange. */
  readonly status?: number;
  /** The code of a JSON-RPC error. */
  readonly code?: unknown;
  /** Whether the answer lists the revisions of the server, and only legacy ones are among them. */
  readonly supportsNoModern: boolean;
}

function refusalIn(outcome: Outcome): Refusal {
  if ("error" in outcome) {
    const { error } = outcome;
    const isStatus = error instanceof ProxyError && error.reason === "http_status";
    // An `initialize` that was repeated for a lost session, and was refused.
    const isRepeated = error instanceof ProxyError && error.reason === "bad_response" &&
      error.details.mayHaveRun === false;
    const status = isStatus ? error.details.status : isRepeated ? 400 : undefined;
    return { status, supportsNoModern: false };
  }
  const { kind, messages, failure } = outcome.reply;
  if (kind !== "single" || messages.length !== 1 || messages[0].length >= LONG) {
    return { status: failure?.status, supportsNoModern: false };
  }
  const answer = LISTS.some((member) => messages[0].includes(member))
    ? tryParse(messages[0])
    : undefined;
  const supported = answer &&
    (errorOf(answer, "data", "supported") ?? resultOf(answer, "supportedVersions"));
  return {
    status: failure?.status,
    code: answer && errorOf(answer, "code"),
    supportsNoModern: Array.isArray(supported) && supported.length > 0 &&
      supported.every((version) => version < "2026"),
  };
}

/** One of them is in each answer that can be a refusal. */
const LISTS = ['"error"', '"supportedVersions"'];
