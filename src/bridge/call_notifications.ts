import { type Message, paramOf } from "../json/jsonrpc.ts";
import type { Text } from "../json/text.ts";
import { METHOD } from "../mcp/methods.ts";
import { withParams } from "./request_text.ts";

/** The client's requests that a call of several rounds belongs to. */
export interface CallRequests {
  /** The first one, which the server knows. */
  readonly first: Message;
  /** The one that waits now. */
  readonly current: Message;
  /** Whether the client wants log messages. */
  readonly wantsLog: boolean;
}

/** A notification of the server for the client's current request; nothing if it does not want it. */
export function forClient(notification: Message, requests: CallRequests): Text | undefined {
  const { method = "" } = notification;
  return Object.hasOwn(CHANGED, method)
    ? CHANGED[method](notification, requests)
    : notification.text;
}

/** What becomes of notifications that are not passed on as they are. */
const CHANGED: Readonly<
  Record<string, (notification: Message, requests: CallRequests) => Text | undefined>
> = {
  [METHOD.log]: ({ text }, { wantsLog }) => wantsLog ? text : undefined,
  [METHOD.cancelled]: () => undefined,
  [METHOD.progress](notification, { first, current }) {
    const token = progressTokenOf(current);
    if (token === undefined || token === progressTokenOf(first)) return notification.text;
    return withParams(notification, { params: { progressToken: JSON.stringify(token) } }).text;
  },
};

/** The token that a request's progress notifications carry. */
export function progressTokenOf(request: Message): unknown {
  return paramOf(request, "_meta", "progressToken");
}
