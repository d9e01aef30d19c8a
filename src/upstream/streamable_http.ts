import { messageOf } from "../errors.ts";
import { isSuccess } from "../http/http.ts";
import type { Message } from "../json/jsonrpc.ts";
import { logFault } from "../log/fault.ts";
import type { Log } from "../log/log.ts";
import { METHOD } from "../mcp/methods.ts";
import { LONGEST_TIMER, pause, unlessAborted, withTimeoutAndAbort } from "../async/timing.ts";
import { untilSuccess } from "../async/until_success.ts";
import type { HttpResponse } from "../runtime/types.ts";
import { createToolParameters } from "../mcp/tool_parameters.ts";
import { createCallHeaders } from "./call_headers.ts";
import { contentOf, type Endpoint, ignoreBody, notSent } from "./endpoint.ts";
import { type HttpFailure, readFailure } from "./http_failure.ts";
import { listening } from "./listening.ts";
import { ACCEPT, failureReply, readReply } from "./reply.ts";
import { resumable } from "./resumption.ts";
import {
  afterInitialize,
  agreed,
  captureVersion,
  firstResponse,
  type Handshake,
  initializeOf,
  isSessionLost,
  remember,
  type Session,
  sessionHeaders,
  sessionOf,
} from "./session.ts";
import type { StreamPosition } from "../http/sse.ts";
import type { Reply, Upstream, Waiting } from "./upstream.ts";
import { ANSWER_WITHIN, MAX_RECOVERIES, RECONNECT_PAUSE } from "../limits.ts";

/**
 * Streamable HTTP as of revisions 2025-03-26 to 2025-11-25 (`basic/transports`): `initialize`
 * begins a session, and a session that the server has lost is started again without the client noticing.
 */
export function streamableHttp(endpoint: Endpoint, log: Log): Upstream {
  const { url } = endpoint;
  const handshake: Handshake = { inForce: new Map() };
  let session: Session = { id: null };
  let recovery: Promise<void> | undefined;
  let renewal: Promise<void> | undefined;
  /** Ends the GET stream of a session that was replaced. */
  let replaced = new AbortController();
  /** Some servers that know 2026-07-28 want its `Mcp-Param-*` headers in older sessions too. */
  const callHeaders = createCallHeaders({
    parameters: createToolParameters(() => {}),
    send: (message, signal) => sendInSession(message, { signal, answered: () => false }),
    hidesInvalid: false,
    log,
  });

  function post(message: Message, signal: AbortSignal, inSession: Session): Promise<HttpResponse> {
    const headers = {
      "content-type": "application/json",
      accept: ACCEPT,
      ...sessionHeaders(inSession),
      ...callHeaders.of(message),
    };
    return endpoint.request("POST", headers, signal, contentOf(message));
  }

  async function send(message: Message, waiting: Waiting): Promise<Reply> {
    if (message.method === METHOD.initialize) return await initialize(message, waiting);
    const again = () => sendInSession(message, waiting);
    return await callHeaders.handle(message, await again(), again, waiting.signal);
  }

  async function sendInSession(message: Message, waiting: Waiting): Promise<Reply> {
    for (let recoveries = 0;; recoveries++) {
      // Its failure is reported to those that wait for it.
      if (recovery) await unlessAborted(recovery.catch(() => {}), waiting.signal);
      const used = session;
      const response = await post(message, waiting.signal, used);
      if (isSuccess(response.status)) {
        remember(handshake, message);
        return await resumableReply(message, response, waiting);
      }
      const failure = await readFailure(response, url);
      // A response answers a request of the lost session, which the next session does not know.
      const isFinal = recoveries === MAX_RECOVERIES || !handshake.initialize ||
        message.kind === "response";
      if (isFinal || !isSessionLost(used, failure)) return failureReply(message, failure);
      const recovered = recover(used).catch((error) => {
        throw notSent(error, url);
      });
      await unlessAborted(recovered, waiting.signal);
    }
  }

  async function initialize(message: Message, waiting: Waiting): Promise<Reply> {
    const response = await post(message, waiting.signal, { id: null });
    if (!isSuccess(response.status)) return failureReply(message, await readFailure(response, url));
    const begun = sessionOf(response);
    begin(begun);
    remember(handshake, message);
    return captureVersion(await resumableReply(message, response, waiting), versionOf(begun));
  }

  function begin(begun: Session): void {
    session = begun;
    replaced.abort();
    replaced = new AbortController();
  }

  async function resumableReply(
    message: Message,
    response: HttpResponse,
    waiting: Waiting,
  ): Promise<Reply> {
    const position: StreamPosition = {};
    const reply = await readReply(message, response, endpoint, position);
    if (reply.kind !== "stream") return reply;
    const { id } = contentOf(message);
    const get = (lastEventId: string) => openStream(waiting.signal, lastEventId, id);
    return { ...reply, messages: resumable(reply.messages, position, waiting, endpoint, get) };
  }

  /** @param id of the request whose stream it is */
  function openStream(
    signal: AbortSignal,
    lastEventId?: string,
    id?: string,
  ): Promise<HttpResponse> {
    const headers: Record<string, string> = {
      accept: "text/event-stream",
      ...sessionHeaders(session),
    };
    if (lastEventId) headers["last-event-id"] = lastEventId;
    return endpoint.request("GET", headers, signal, { id });
  }

  /** Begins a new session in place of `lost`, once for all messages that wait for it. */
  function recover(lost: Session): Promise<void> {
    if (session !== lost) return Promise.resolve();
    recovery ??= withTimeoutAndAbort(ANSWER_WITHIN, replayHandshake).then((begun) => {
      // The client may have begun one itself in the meantime.
      if (session === lost) begin(begun);
    }).finally(() => recovery = undefined);
    return recovery;
  }

  /** Repeats the client's handshake. Until it is complete, no other message may use the session. */
  async function replayHandshake(signal: AbortSignal): Promise<Session> {
    log.warn("OAuth Proxy", "The server lost the session; starting a new one");
    const first = initializeOf(handshake);
    const response = await post(first, signal, { id: null });
    if (!isSuccess(response.status)) throw (await readFailure(response, url)).failure;
    const begun = sessionOf(response);
    await agreed(
      captureVersion(await readReply(first, response, endpoint), versionOf(begun)).messages,
    );
    for (const message of afterInitialize(handshake)) await repeat(message, begun, signal);
    return begun;
  }

  async function repeat(message: Message, begun: Session, signal: AbortSignal): Promise<void> {
    const response = await post(message, signal, begun);
    if (!isSuccess(response.status)) return await ignoreBody(response);
    const { messages } = await readReply(message, response, endpoint);
    if (message.requests.length > 0) await firstResponse(messages);
  }

  /**
   * Sends what is in force again in the same session: the process that knew it may be gone, while
   * another one accepts the id of the session (mark3labs/mcp-go does by default).
   */
  async function putInForceAgain(signal: AbortSignal): Promise<void> {
    try {
      await withTimeoutAndAbort(ANSWER_WITHIN, async (limit) => {
        const until = AbortSignal.any([signal, limit]);
        for (const message of handshake.inForce.values()) await repeat(message, session, until);
      });
    } catch (error) {
      if (signal.aborted) return;
      logFault(log, error);
      log.debug("OAuth Proxy", `Could not subscribe again: ${messageOf(error)}`);
    }
  }

  async function* listen(signal: AbortSignal, onOpen = () => {}): AsyncGenerator<string> {
    do {
      const current = session;
      const until = AbortSignal.any([signal, replaced.signal]);
      let wasOpen = false;
      const open = async (signal: AbortSignal, lastEventId?: string) => {
        const response = await openStream(signal, lastEventId).finally(onOpen);
        if (!isSuccess(response.status)) return response;
        // A stream that goes on after its last event belongs to a server that knows the session.
        if (wasOpen && lastEventId === undefined && current.id !== null) {
          renewal ??= putInForceAgain(signal).finally(() => renewal = undefined);
        }
        wasOpen = true;
        return response;
      };
      const isLost = (failure: HttpFailure) => isSessionLost(current, failure);
      const end = yield* listening(open, isLost, endpoint, log, until);
      if (end === "lost") await recoverInTime(current, until);
      // The server may have a stream in the next session.
      if (end === "unsupported") await pause(LONGEST_TIMER, until);
      // After a new `initialize` of the client, its `initialized` asks for the stream again.
    } while (!signal.aborted && handshake.initialized);
  }

  function recoverInTime(lost: Session, signal: AbortSignal): Promise<void> {
    const onFailure = (error: unknown) => {
      logFault(log, error);
      log.warn("OAuth Proxy", `Could not start a new session: ${messageOf(error)}`);
    };
    return untilSuccess(() => recover(lost), onFailure, RECONNECT_PAUSE, signal);
  }

  async function close(signal: AbortSignal): Promise<void> {
    if (session.id === null) return;
    try {
      await ignoreBody(await endpoint.request("DELETE", sessionHeaders(session), signal));
    } catch (error) {
      logFault(log, error);
      log.debug("OAuth Proxy", "The session could not be ended");
    }
  }

  return { send, listen, close };
}

function versionOf(session: Session): (version: string) => void {
  return (version) => session.version = version;
}
