import { messageOf } from "../../errors.ts";
import type { Message } from "../../json/jsonrpc.ts";
import { logFault } from "../../log/fault.ts";
import type { Log } from "../../log/log.ts";
import { METHOD } from "../../mcp/methods.ts";
import { backoff, pause, unlessAborted, withTimeout } from "../../async/timing.ts";
import { untilSuccess } from "../../async/until_success.ts";
import { createQueue } from "../../async/queue.ts";
import { type Endpoint, notSent } from "../endpoint.ts";
import { createHttpSseConnection, type HttpSseConnection } from "./connection.ts";
import { openHttpSse } from "./stream.ts";
import { afterInitialize, agreed, type Handshake, initializeOf, remember } from "../session.ts";
import type { Reply, Upstream, Waiting } from "../upstream.ts";
import { ANSWER_WITHIN, MAX_EARLY, RECONNECT_PAUSE } from "../../limits.ts";

/** The 2024-11-05 transport. */
export interface HttpSse extends Upstream {
  /**
   * Opens the stream.
   *
   * @throws {ProxyError} if the server does not speak this transport
   */
  connect(): Promise<unknown>;
}

/**
 * HTTP+SSE as of revision 2024-11-05 (`basic/transports`): a GET opens a stream, whose first event
 * names the URL to POST to; all answers come on the stream. A stream that has ended is opened
 * again, and the handshake is repeated without the client noticing.
 *
 * @param base the URL of the stream
 * @param endpointAt makes the endpoint at another URL
 */
export function httpSse(
  base: Endpoint,
  endpointAt: (url: string) => Endpoint,
  log: Log,
): HttpSse {
  const handshake: Handshake = { inForce: new Map() };
  /** Messages that the server sends by itself, kept until the relay listens. */
  const own = createQueue<string>();
  const closing = new AbortController();
  let connection: Promise<HttpSseConnection> | undefined;
  let reconnecting: Promise<void> | undefined;
  let listened = false;
  /** Characters of the messages that came before the relay listened. */
  let early = 0;

  /**
   * Opens the stream if there is none, once for all messages that wait for it.
   *
   * @param replayed the handshake that is sent on a new stream before anything else
   */
  function connect(replayed?: Handshake): Promise<HttpSseConnection> {
    if (connection) return connection;
    const lost = new AbortController();
    const opening = open(lost, replayed).catch((error) => {
      lost.abort();
      throw notSent(error, base.url);
    });
    connection = opening;
    const forget = () => {
      if (connection === opening) connection = undefined;
    };
    opening.then(({ ended }) => ended.then(forget).then(stayConnected), forget);
    return opening;
  }

  async function open(lost: AbortController, replayed?: Handshake): Promise<HttpSseConnection> {
    let isAwaited = () => false;
    const { postTo, messages } = await openHttpSse(
      base,
      AbortSignal.any([closing.signal, lost.signal]),
      () => {
        // A long call may be silent; its answer would be lost.
        if (!isAwaited()) lost.abort();
      },
    );
    const opened = createHttpSseConnection(endpointAt(postTo), messages, take, () => lost.abort());
    isAwaited = opened.isAwaited;
    if (replayed?.initialize) {
      await withTimeout(ANSWER_WITHIN, (late) => replay(replayed, opened, late));
    }
    return opened;
  }

  async function take(text: string): Promise<void> {
    const taken = own.push(text);
    if (listened) return await taken;
    early += text.length;
    if (early > MAX_EARLY) {
      throw new Error(`the server sent more than ${MAX_EARLY} bytes before the client was ready`);
    }
  }

  async function replay(
    handshake: Handshake,
    { post }: HttpSseConnection,
    late: AbortSignal,
  ): Promise<void> {
    log.warn("OAuth Proxy", "The server closed its stream; starting a new session");
    const signal = AbortSignal.any([late, closing.signal]);
    await agreed((await post(initializeOf(handshake), signal)).messages);
    for (const message of afterInitialize(handshake)) {
      for await (const _ of (await post(message, signal)).messages);
    }
  }

  /** The server may send messages before the client does. */
  function stayConnected(): void {
    if (listened) reconnecting ??= reconnect().finally(() => reconnecting = undefined);
  }

  async function reconnect(): Promise<void> {
    const { signal } = closing;
    await pause(backoff(1, RECONNECT_PAUSE.first), signal);
    const onFailure = (error: unknown) => {
      logFault(log, error);
      log.debug("OAuth Proxy", `No response stream: ${messageOf(error)}`);
    };
    await untilSuccess(() => connect(handshake), onFailure, RECONNECT_PAUSE, signal);
  }

  async function send(message: Message, { signal }: Waiting): Promise<Reply> {
    // The client's own `initialize` is the handshake of a new stream.
    const connected = connect(message.method === METHOD.initialize ? undefined : handshake);
    const { post } = await unlessAborted(connected, signal);
    const reply = await post(message, signal);
    remember(handshake, message);
    return reply;
  }

  async function* listen(signal: AbortSignal, onOpen = () => {}): AsyncGenerator<string> {
    listened = true;
    onOpen();
    stayConnected(); // The stream may have ended just before.
    signal.addEventListener("abort", () => own.end(), { once: true });
    yield* own;
  }

  function close(): Promise<void> {
    closing.abort();
    own.drop();
    return Promise.resolve();
  }

  return { connect: () => connect(), send, listen, close };
}
