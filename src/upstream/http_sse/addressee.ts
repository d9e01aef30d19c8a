/** Finds the request that a message on the shared stream answers. */

import { errorOf, type Id, InvalidMessage, type Message, tryParse } from "../../json/jsonrpc.ts";
import { outline, readMessage } from "../../json/long_message.ts";

/** Ids of requests that wait for an answer. */
export type WaitingIds = Pick<ReadonlyMap<Id, unknown>, "has" | "keys" | "size">;

/** Characters at either end of a broken answer in which its id is searched. */
const END_LENGTH = 1_024;
/** An id in JSON, wherever it is. */
const ID = /"id"\s*:\s*("[^"\\]*"|-?\d+)/;

/**
 * The waiting requests that a message of the server answers. An id of the wrong type ("5" for 5), or
 * an error without an id, belongs to the only request that it can mean.
 */
export function answeredIds(text: string, waiting: WaitingIds): readonly Id[] {
  let message: Message;
  try {
    message = readMessage(text);
  } catch (error) {
    if (!(error instanceof InvalidMessage)) throw error;
    return []; // The relay reports what is wrong with it.
  }
  const { responses } = message;
  const ids: Id[] = [];
  for (const id of responses) {
    const found = id === null ? onlyOne(waiting) : sameId(id, waiting);
    if (found !== undefined && (id !== null || Boolean(errorOf(message)))) ids.push(found);
  }
  return ids;
}

/**
 * The waiting request that a broken answer was meant for: a text that is not a message, but has the
 * id of a request, or looks like a response when only one request waits.
 */
export function brokenAnswerTo(text: string, waiting: WaitingIds): Id | undefined {
  if (waiting.size === 0 || isMessage(text)) return undefined;
  const head = text.slice(0, END_LENGTH);
  const tail = text.slice(-END_LENGTH);
  if (/"method"\s*:/.test(head)) return undefined;
  const id = idIn(head, tail);
  if (id !== undefined) return sameId(id, waiting);
  return /"(?:result|error)"\s*:/.test(head) ? onlyOne(waiting) : undefined;
}

function isMessage(text: string): boolean {
  try {
    readMessage(text);
    return true;
  } catch (error) {
    if (!(error instanceof InvalidMessage)) throw error;
    return false;
  }
}

/** An id at either end of a text: in a place where only the id of the message can be, if there is one. */
function idIn(head: string, tail: string): Id | undefined {
  const ends = outline(head, tail);
  const id = ends && tryParse(ends.text)?.responses[0];
  return id ?? (ID.exec(head) ?? ID.exec(tail))?.[1];
}

/** This id among those that wait, or the only one that has the same text in another type. */
function sameId(id: Id, waiting: WaitingIds): Id | undefined {
  if (waiting.has(id)) return id;
  const other = id.startsWith('"') ? id.slice(1, -1) : `"${id}"`;
  return waiting.has(other) ? other : undefined;
}

function onlyOne(waiting: WaitingIds): Id | undefined {
  const [id] = waiting.keys();
  return waiting.size === 1 ? id : undefined;
}
