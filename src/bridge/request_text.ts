/** The changes that the bridge makes to requests and notifications: only these members, and only in the text. */

import {
  edited,
  insertMembers,
  membersOf,
  removeMember,
  scannable,
  setMember,
  sliceOf,
} from "../json/edit.ts";
import type { Edit } from "../json/edit.ts";
import { type Id, type Message, parseMessage } from "../json/jsonrpc.ts";
import { memberSpan, partSpans, skipSpace, type Span, stringEnd } from "../json/spans.ts";
import { LONG, stringOf, type Text } from "../json/text.ts";
import { META } from "../mcp/request_metadata.ts";
import { type Members, objectOf } from "./written.ts";

/** The members of a request's `params`, each as it is written. */
export function paramsOf({ text }: Message): Map<string, string> {
  const view = scannable(text);
  const params = memberSpan(view, "params");
  return params && view[params[0]] === "{" ? membersOf(text, view, params[0]) : new Map();
}

/** The same request with members set in `params` and in `params._meta`, and another id if given. */
export function withParams(
  message: Message,
  { params = {}, meta, id }: { params?: Members; meta?: Members; id?: Id },
): Message {
  const view = scannable(message.text);
  const span = memberSpan(view, "params");
  const edits: Edit[] = id === undefined ? [] : [setMember(view, opening(view), "id", id)];
  const metadata = meta && objectOf(meta);
  const all = metadata ? { ...params, _meta: metadata } : params;
  if (!span || view[span[0]] !== "{") {
    edits.push(setMember(view, opening(view), "params", objectOf(all)));
  } else {
    const inserted: Record<string, string> = {};
    for (const [name, json] of Object.entries(all)) {
      const found = memberSpan(view, name, span[0]);
      if (!found) inserted[name] = json;
      else if (name === "_meta" && view[found[0]] === "{") {
        const members = membersOf(message.text, view, found[0]);
        for (const [key, value] of Object.entries(meta ?? {})) members.set(key, value);
        edits.push([...found, objectOf(Object.fromEntries(members))]);
      } else edits.push([...found, json]);
    }
    if (Object.keys(inserted).length > 0) edits.push(insertMembers(view, span[0], inserted));
  }
  return sameRequest(message, edited(message.text, edits), id);
}

/** What only a modern request has in its `_meta`. */
const MODERN_MEMBERS: readonly string[] = [
  META.version,
  META.clientInfo,
  META.clientCapabilities,
  META.logLevel,
];

/** The same request without the modern members of `_meta`; other members, such as `progressToken`, stay. */
export function withoutMetadata(message: Message, id?: Id): Message {
  const view = scannable(message.text);
  const edits: Edit[] = id === undefined ? [] : [setMember(view, opening(view), "id", id)];
  const params = memberSpan(view, "params");
  const meta = params && memberSpan(view, "_meta", params[0]);
  if (meta) {
    const members = membersOf(message.text, view, meta[0]);
    for (const name of MODERN_MEMBERS) members.delete(name);
    const removed = members.size === 0 ? removeMember(view, params[0], "_meta") : undefined;
    edits.push(removed ?? [...meta, objectOf(Object.fromEntries(members))]);
  }
  return sameRequest(message, edited(message.text, edits), id);
}

/** A notification with a member in its `_meta`. */
export function withNotificationMeta(text: string, name: string, json: string): string {
  return stringOf(withParams(parseMessage(text), { meta: { [name]: json } }).text);
}

function opening(view: string): number {
  return view.indexOf("{");
}

/** The request in its new text, which is parsed only if somebody reads its `value`. */
function sameRequest(message: Message, text: Text, id = message.requests[0]): Message {
  const { kind, method } = message;
  let value: unknown;
  return {
    text,
    kind,
    method,
    requests: id === undefined ? [] : [id],
    responses: [],
    get value() {
      return value ??= text.length < LONG
        ? JSON.parse(stringOf(text))
        : { jsonrpc: "2.0", method, params: lazyParams(text) };
    },
  };
}

/** The parameters of a long request. Each member is parsed when it is asked for. */
function lazyParams(text: Text): unknown {
  const view = scannable(text);
  const params = memberSpan(view, "params");
  const spans = params ? memberSpans(view, params[0]) : new Map<string, Span>();
  const read = (name: string): unknown => {
    const span = spans.get(name);
    return span && JSON.parse(sliceOf(text, span));
  };
  const members = Object.create(null);
  for (const name of spans.keys()) {
    Object.defineProperty(members, name, { enumerable: true, get: () => read(name) });
  }
  return members;
}

function memberSpans(view: string, from: number): Map<string, Span> {
  const spans = new Map<string, Span>();
  for (const [start, end] of partSpans(view, from)) {
    const keyEnd = stringEnd(view, start);
    const value = skipSpace(view, view.indexOf(":", keyEnd) + 1);
    spans.set(JSON.parse(view.slice(start, keyEnd)), [value, end]);
  }
  return spans;
}
