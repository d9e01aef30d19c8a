/** Reads long messages by their two ends, without parsing them whole. */

import { InvalidMessage, type Message, parseMessage } from "./jsonrpc.ts";
import { isJson } from "./check.ts";
import { LONG, stringOf, type Text } from "./text.ts";
import { isObject } from "./value.ts";

/**
 * Reads a message. Only the two ends of a long call or result are read if that is enough for the relay;
 * its `value` is parsed when it is first asked for. A result is checked to be
 * JSON, since nothing else checks it before the client.
 *
 * @throws {InvalidMessage} as `parseMessage` does
 */
export function readMessage(text: Text): Message {
  return (text.length < LONG ? undefined : skim(text)) ?? parseMessage(stringOf(text));
}

/** Bytes or characters at either end of a long message that are looked at. */
const END_LENGTH = 1_024;

/** What each message of revision 2026-07-28 has in its `params`, for the proxy to act on. */
const METADATA = "io.modelcontextprotocol";

function skim(text: Text): Message | undefined {
  const head = stringOf(text.slice(0, END_LENGTH));
  const tail = stringOf(text.slice(-END_LENGTH));
  const ends = outline(head, tail);
  if (!ends) return undefined;
  const line = text.slice(ends.before, text.length - ends.behind);
  try {
    const message = parseMessage(ends.text);
    return isCall(message, line) || isResult(message, line)
      ? withLazyValue(message, line)
      : undefined;
  } catch (error) {
    if (error instanceof InvalidMessage) return undefined; // Unless the rest makes it a valid one.
    throw error;
  }
}

/** A message with what its ends say, whose `value` is parsed when it is first asked for. */
function withLazyValue(ends: Message, text: Text): Message {
  const { kind, method, requests, responses } = ends;
  let whole: Message | undefined;
  return {
    text,
    kind,
    method,
    requests,
    responses,
    isSkimmed: true,
    get value() {
      whole ??= parseMessage(stringOf(text));
      return whole.value;
    },
  };
}

/** A message without an id at either end is not a call here: the id may be in between. */
function isCall({ kind, method, value }: Message, text: Text): boolean {
  return kind === "request" && method === "tools/call" && isObject(value) && "params" in value &&
    !text.includes(METADATA);
}

function isResult({ kind, value }: Message, text: Text): boolean {
  return kind === "response" && isObject(value) && "result" in value && !hasLineBreak(text) &&
    isJson(text);
}

function hasLineBreak(text: Text): boolean {
  return typeof text === "string"
    ? text.includes("\n") || text.includes("\r")
    : text.pieces.some((piece) => piece.includes(10) || piece.includes(13));
}

const SPACE = String.raw`[ \t\r\n]*`;
const SCALAR = String.raw`(?:"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|null|true|false)`;
const MEMBER = String.raw`"\w+"${SPACE}:${SPACE}${SCALAR}${SPACE}`;
/** The start of an object: members with simple values, and the name of the one that is long. */
const START = new RegExp(String.raw`^(${SPACE})\{${SPACE}(?:${MEMBER},${SPACE})*"\w+"${SPACE}:`);
/** The end of an object: members with simple values. */
const END = new RegExp(String.raw`((?:,${SPACE}${MEMBER})*\})(${SPACE})$`);

/**
 * The text of an object without the value of the one member that makes it long, from its two ends.
 *
 * @param head its first characters
 * @param tail its last characters
 * @returns nothing if it is not an object; `before` and `behind` count the space around it
 */
export function outline(
  head: string,
  tail: string,
): { readonly text: string; readonly before: number; readonly behind: number } | undefined {
  const start = START.exec(head);
  const end = END.exec(tail);
  if (!start || !end) return undefined;
  return { text: `${start[0]}{}${end[1]}`, before: start[1].length, behind: end[2].length };
}
