import { type Id, type Message, parseMessage } from "../json/jsonrpc.ts";
import { METHOD } from "./methods.ts";
import { declaredVersion } from "./request_metadata.ts";

/** The message that cancels a request. */
export function cancellation(id: Id, reason: string): Message {
  const params = `{"requestId":${id},"reason":${JSON.stringify(reason)}}`;
  return parseMessage(`{"jsonrpc":"2.0","method":"${METHOD.cancelled}","params":${params}}`);
}

/**
 * Whether a message cancels this request at the server. A modern request is cancelled by the end of
 * its HTTP exchange.
 */
export function isCancelledByMessage(request: Message): boolean {
  return declaredVersion(request) === undefined;
}
