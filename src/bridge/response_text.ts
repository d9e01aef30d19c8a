/** The changes that the bridge makes to responses: only these members, and only in the text. */

import { edited, insertMembers, scannable, setMember } from "../json/edit.ts";
import type { Edit } from "../json/edit.ts";
import type { Id } from "../json/jsonrpc.ts";
import { memberSpan, partSpans } from "../json/spans.ts";
import type { Text } from "../json/text.ts";
import { METHOD } from "../mcp/methods.ts";
import { META } from "../mcp/request_metadata.ts";
import { objectOf } from "./written.ts";

/** Results that a modern client may keep (2026-07-28, "Caching"). */
const CACHEABLE: ReadonlySet<string> = new Set([
  METHOD.discover,
  METHOD.listTools,
  METHOD.readResource,
  "prompts/list",
  "resources/list",
  "resources/templates/list",
]);

/**
 * A legacy server's response as a modern one: with `resultType`, with cache hints that allow nothing,
 * and with the server's name. An error, or what is not a response, stays as it is.
 */
export function completed(text: Text, method: string, serverInfo: string, id?: Id): Text {
  return ifJson(text, () => withCompletion(text, method, serverInfo, id));
}

/** A changed text; the text itself if it turns out not to be JSON, which the relay reports. */
function ifJson(text: Text, change: () => Text): Text {
  try {
    return change();
  } catch {
    return text;
  }
}

function withCompletion(text: Text, method: string, serverInfo: string, id?: Id): Text {
  const view = scannable(text);
  const edits: Edit[] = id === undefined ? [] : [setMember(view, opening(view), "id", id)];
  const result = memberSpan(view, "result");
  if (result && view[result[0]] === "{") {
    const members: Record<string, string> = { resultType: '"complete"' };
    if (CACHEABLE.has(method)) Object.assign(members, { ttlMs: "0", cacheScope: '"private"' });
    const names = namesOf(view, result[0]);
    const inserted = Object.entries(members).filter(([name]) => !names.has(name));
    if (!names.has("_meta")) inserted.push(["_meta", objectOf({ [META.serverInfo]: serverInfo })]);
    edits.push(insertMembers(view, result[0], Object.fromEntries(inserted)));
    const meta = names.has("_meta") ? memberSpan(view, "_meta", result[0]) : undefined;
    if (meta && view[meta[0]] === "{") {
      edits.push(setMember(view, meta[0], META.serverInfo, serverInfo));
    }
  }
  return edits.length === 0 ? text : edited(text, edits);
}

/** A response with another id. */
export function answering(text: Text, id: Id): Text {
  return ifJson(text, () => {
    const view = scannable(text);
    return edited(text, [setMember(view, opening(view), "id", id)]);
  });
}

function opening(view: string): number {
  return view.indexOf("{");
}

function namesOf(view: string, from: number): Set<string> {
  const names = new Set<string>();
  for (const [start, end] of partSpans(view, from)) {
    const name = /^"((?:[^"\\]|\\.)*)"/.exec(view.slice(start, Math.min(end, start + 64)));
    if (name) names.add(name[1]);
  }
  return names;
}
