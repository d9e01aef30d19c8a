/** Writes the messages that the bridge sends itself. */

import { type Id, parseMessage, type WholeMessage } from "../json/jsonrpc.ts";

/** Members as JSON text, by name. */
export type Members = Readonly<Record<string, string>>;

/** A request of the bridge's own. @param params a JSON object, as text */
export function requestOf(id: Id, method: string, params = "{}"): WholeMessage {
  return parseMessage(
    `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)},"params":${params}}`,
  );
}

/** A notification of the bridge's own. */
export function notificationOf(method: string, params = "{}"): WholeMessage {
  return parseMessage(`{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":${params}}`);
}

/** A successful response, as a line. */
export function resultReply(id: Id, result: string): string {
  return `{"jsonrpc":"2.0","id":${id},"result":${result}}`;
}

/** An object of JSON texts. */
export function objectOf(members: Members): string {
  const written = Object.entries(members).map(([name, json]) => `${JSON.stringify(name)}:${json}`);
  return `{${written.join(",")}}`;
}
