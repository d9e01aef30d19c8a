/** The session of a modern client at a legacy server. */

import { logFault } from "../log/fault.ts";
import { pause, withTimeout, withTimeoutAndAbort } from "../async/timing.ts";
import { messageOf, ProxyError } from "../errors.ts";
import {
  type ErrorObject,
  errorObjectOf,
  type Id,
  type Message,
  METHOD_NOT_FOUND,
  parseMessage,
  resultOf,
  tryParse,
  type WholeMessage,
} from "../json/jsonrpc.ts";
import type { Log } from "../log/log.ts";
import { METHOD } from "../mcp/methods.ts";
import { LEGACY } from "../mcp/revisions.ts";
import { sendWithRetry } from "../upstream/retry_policy.ts";
import { firstResponse } from "../upstream/session.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { Capabilities } from "./capabilities.ts";
import { asObject } from "../json/value.ts";
import { notificationOf, requestOf } from "./written.ts";
import { ANSWER_WITHIN, OPEN_STREAM_WITHIN } from "../limits.ts";

/** A session at a legacy server, begun by the bridge for a modern client. */
export interface LegacySession {
  readonly upstream: Upstream;
  /** The capabilities of the client that the session was begun with. */
  readonly client: Capabilities;
  /** The server's answer to `initialize`. */
  readonly server: Record<string, unknown>;
  /** The server's name and version, as JSON text. */
  readonly serverInfo: string;
  /** Resolves when the stream of the server's own messages is open, or the server has none. */
  readonly listening: Promise<void>;
  /** Take messages that come outside of any response stream. */
  readonly listeners: Set<(message: Message) => void>;
  /** Sends a request of the bridge's own. Resolves with its error, if it is answered with one. */
  ask(method: string, params: string): Promise<ErrorObject | undefined>;
  /** Answers a request of the server. @param member `"result":…` or `"error":…` */
  answer(id: Id, member: string): Promise<void>;
  /** Ends the session. */
  close(signal: AbortSignal): Promise<void>;
}

/** The server's answer to `initialize` is an error: it begins no session. */
export class SessionRefused extends ProxyError {
  /** @param text the response, as it is written */
  constructor(readonly text: string) {
    super("bad_response", `MCP server refused initialize: ${text}`, { mayHaveRun: false });
  }
}

/** The part of a response that refuses a server's request. */
export const UNSUPPORTED = `"error":{"code":${METHOD_NOT_FOUND},"message":"Not supported here"}`;

/**
 * Begins a session.
 *
 * @param clientInfo the client's name and version, as JSON text
 * @throws {SessionRefused} if the server answers with an error
 * @throws {ProxyError} if it does not answer
 */
export async function beginSession(
  upstream: Upstream,
  clientInfo: string,
  client: Capabilities,
  log: Log,
): Promise<LegacySession> {
  const listeners = new Set<(message: Message) => void>();
  const ending = new AbortController();
  let latest = 0;

  const nextId = () => JSON.stringify(`mcp-oauth-proxy-${++latest}`);

  function send(message: Message) {
    return withTimeoutAndAbort(ANSWER_WITHIN, async (signal) => {
      const reply = await upstream.send(message, { signal, answered: () => false });
      const hasResponse = message.requests.length > 0;
      return hasResponse ? await firstResponse(reply.messages) : undefined;
    });
  }

  /** Sends again what may be sent again. */
  async function sendPersistently(message: Message): Promise<WholeMessage | undefined> {
    let response: WholeMessage | undefined;
    await withTimeout(
      ANSWER_WITHIN,
      (signal) => sendWithRetry(message, signal, async () => void (response = await send(message))),
    );
    return response;
  }

  const params = { protocolVersion: LEGACY, capabilities: client };
  const first = `${JSON.stringify(params).slice(0, -1)},"clientInfo":${clientInfo}}`;
  const answer = await send(requestOf(nextId(), METHOD.initialize, first));
  if (!answer) throw new ProxyError("interrupted", "the answer to initialize did not come");
  if (!resultOf(answer)) throw new SessionRefused(answer.text);
  const server = asObject(resultOf(answer));
  await send(notificationOf(METHOD.initialized));

  async function listen(onOpen: () => void): Promise<void> {
    for await (const text of upstream.listen(ending.signal, onOpen)) {
      const message = tryParse(text);
      if (!message) continue;
      for (const listener of listeners) listener(message);
    }
  }
  const opened = new AbortController();
  const onOpen = () => opened.abort();
  listen(onOpen)
    .catch((error) => {
      logFault(log, error);
      log.debug("OAuth Proxy", `No messages from the server: ${messageOf(error)}`);
    })
    .finally(onOpen);

  return {
    upstream,
    client,
    server,
    serverInfo: JSON.stringify(server.serverInfo ?? { name: "unknown", version: "" }),
    listening: pause(OPEN_STREAM_WITHIN, opened.signal),
    listeners,
    async ask(method, params) {
      const response = await sendPersistently(requestOf(nextId(), method, params));
      return response && errorObjectOf(response);
    },
    async answer(id, member) {
      await sendPersistently(parseMessage(`{"jsonrpc":"2.0","id":${id},${member}}`));
    },
    async close(signal) {
      ending.abort();
      await upstream.close(signal);
    },
  };
}
