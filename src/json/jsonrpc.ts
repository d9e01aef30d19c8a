/**
 * JSON-RPC 2.0 as the MCP transports carry it: what a text is, and how an error reply is written.
 * Texts are read, never rewritten, except for the id ({@linkcode withId}).
 */

import { memberSpan, partSpans } from "./spans.ts";
import { stringOf, type Text } from "./text.ts";
import { asObject, isObject, memberOf } from "./value.ts";

/** A request id as JSON text (`7`, `"a"`): exact for any number, and distinct by type. */
export type Id = string;

/** A JSON-RPC message, or a batch of them, and what the proxy has to know of it. */
export interface Message {
  /** The message on one line. */
  readonly text: Text;
  /** What it is. */
  readonly kind: "request" | "notification" | "response" | "batch";
  /** The method of a request or a notification. */
  readonly method?: string;
  /** The ids that need an answer: a request has one, a batch any number. */
  readonly requests: readonly Id[];
  /** The ids that are answered; `null` if a server could not read the id. */
  readonly responses: readonly (Id | null)[];
  /**
   * Whether only the two ends of the text have been read: a long call without the metadata of
   * 2026-07-28, or a long result. Reading its `value` parses all of it.
   */
  readonly isSkimmed?: boolean;
  /**
   * The parsed text; {@linkcode paramOf}, {@linkcode resultOf} and {@linkcode errorOf} read it. A long
   * message is parsed when this is first asked for.
   */
  readonly value: unknown;
}

/** A message that was read as a whole. */
export interface WholeMessage extends Message {
  /** The message on one line. */
  readonly text: string;
}

/** JSON-RPC error codes (JSON-RPC 2.0 section 5.1). */
export const PARSE_ERROR = -32700;
/** See {@linkcode PARSE_ERROR}. */
export const INVALID_REQUEST = -32600;
/** See {@linkcode PARSE_ERROR}. */
export const METHOD_NOT_FOUND = -32601;
/** See {@linkcode PARSE_ERROR}. */
export const INVALID_PARAMS = -32602;

/** A text that is not a JSON-RPC message. */
export class InvalidMessage extends Error {
  /** @ignore */
  override readonly name = "InvalidMessage";

  /**
   * @param code -32700 or -32600
   * @param message what is wrong
   * @param ids readable ids of requests, which need an answer
   */
  constructor(readonly code: number, message: string, readonly ids: readonly Id[] = []) {
    super(message);
  }
}

/**
 * Reads a message.
 *
 * @param text JSON text; line breaks in it can only stand between tokens and are taken out
 * @throws {InvalidMessage} for a text that is not JSON, or not a message
 */
export function parseMessage(text: string): WholeMessage {
  // `trim` also removes a byte order mark, which some programs write first.
  const trimmed = text.trim();
  let value;
  try {
    value = JSON.parse(trimmed);
  } catch {
    throw new InvalidMessage(PARSE_ERROR, "Parse error: not valid JSON");
  }
  const line = oneLine(trimmed);
  return Array.isArray(value) ? parseBatch(line, value) : parseSingle(line, value);
}

/** Reads a message; nothing if the text is not one. For texts that the relay also reads and reports. */
export function tryParse(text: Text): WholeMessage | undefined {
  try {
    return parseMessage(stringOf(text));
  } catch (error) {
    if (error instanceof InvalidMessage) return undefined;
    throw error;
  }
}

/** An error object of JSON-RPC. */
export interface ErrorObject {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** The value in a message's `params` that a path of names leads to. */
export function paramOf({ value }: Message, ...path: readonly string[]): unknown {
  return memberOf(value, "params", ...path);
}

/** The value in a message's `result` that a path of names leads to. */
export function resultOf({ value }: Message, ...path: readonly string[]): unknown {
  return memberOf(value, "result", ...path);
}

/**
 * The value in a message's `error` that a path of names leads to. A long response of which only the ends
 * are read is a result.
 */
export function errorOf(message: Message, ...path: readonly string[]): unknown {
  return message.isSkimmed ? undefined : memberOf(message.value, "error", ...path);
}

/** The error of a response, with a number as code and a string as message; nothing if there is no error. */
export function errorObjectOf(message: Message): ErrorObject | undefined {
  const error = errorOf(message);
  if (error === undefined || error === null) return undefined;
  const { code, message: words, data } = asObject(error);
  return { code: Number(code), message: String(words), data };
}

/** A JSON-RPC error reply, as a line. `id` is `null` if it could not be read. */
export function errorReply(
  id: Id | null,
  error: ErrorObject,
): string {
  const { code, message, data } = error;
  return `{"jsonrpc":"2.0","id":${id},"error":${JSON.stringify({ code, message, data })}}`;
}

/** `text`, a JSON-RPC object, with `id` as its id and every other byte as it was. */
export function withId(text: string, id: Id): string {
  const span = memberSpan(text, "id");
  if (span) return text.slice(0, span[0]) + id + text.slice(span[1]);
  const start = text.indexOf("{") + 1;
  return `${text.slice(0, start)}"id":${id},${text.slice(start)}`;
}

/** The key of an id that was parsed, for looking it up; exact for safe integers and strings. */
export function idKey(value: unknown): Id | undefined {
  return typeof value === "string" || typeof value === "number" ? JSON.stringify(value) : undefined;
}

function parseSingle(text: string, value: unknown): WholeMessage {
  const kind = kindOf(value);
  const id = idOf(text, value);
  const method = memberOf(value, "method");
  if (!kind) {
    throw new InvalidMessage(
      INVALID_REQUEST,
      "Invalid request: not a JSON-RPC 2.0 message",
      id && method !== undefined ? [id] : [],
    );
  }
  return {
    text,
    kind,
    method: typeof method === "string" ? method : undefined,
    requests: kind === "request" && id !== undefined ? [id] : [],
    responses: kind === "response" ? [id ?? null] : [],
    value,
  };
}

/** Batches belong to revision 2025-03-26; one invalid element makes all its requests fail. */
function parseBatch(text: string, values: unknown[]): WholeMessage {
  const kinds = values.map(kindOf);
  const ids = Array.from(partSpans(text, 0), (span, i) => idOf(text.slice(...span), values[i]));
  const requests = ids.filter((id, i): id is Id => kinds[i] === "request" && id !== undefined);
  if (values.length === 0 || kinds.includes(undefined)) {
    throw new InvalidMessage(
      INVALID_REQUEST,
      "Invalid request: a batch must contain at least one message, all JSON-RPC 2.0",
      requests,
    );
  }
  const responses = ids.filter((_, i) => kinds[i] === "response").map((id) => id ?? null);
  return { text, kind: "batch", requests, responses, value: values };
}

function kindOf(value: unknown): "request" | "notification" | "response" | undefined {
  if (!isObject(value) || value.jsonrpc !== "2.0") return undefined;
  if (typeof value.method === "string") {
    if (!("id" in value)) return "notification";
    return idKey(value.id) === undefined ? undefined : "request";
  }
  if (value.method !== undefined) return undefined;
  const identified = value.id === null || idKey(value.id) !== undefined || "error" in value;
  return identified && ("result" in value || "error" in value) ? "response" : undefined;
}

/** The id of a parsed object; from the text itself if parsing would change the number. */
function idOf(text: string, value: unknown): Id | undefined {
  const id = memberOf(value, "id");
  if (typeof id === "number" && Math.abs(id) > Number.MAX_SAFE_INTEGER) {
    const span = memberSpan(text, "id");
    if (span) return text.slice(...span);
  }
  return idKey(id);
}

/** JSON without its line breaks, which can only stand between tokens. */
export function oneLine(text: string): string {
  return text.includes("\n") || text.includes("\r") ? text.replace(/[\r\n]+/g, "") : text;
}
