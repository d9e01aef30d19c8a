import { createDelivery } from "./delivery.ts";
import { messageOf, ProxyError } from "../errors.ts";
import { createGate } from "./gate.ts";
import { createInFlight, type Exchange } from "./in_flight.ts";
import {
  errorReply,
  type Id,
  idKey,
  INVALID_REQUEST,
  InvalidMessage,
  type Message,
  parseMessage,
} from "../json/jsonrpc.ts";
import { createJournal, type Entry, type Journal } from "../log/journal.ts";
import { readMessage } from "../json/long_message.ts";
import { logFault } from "../log/fault.ts";
import type { Log } from "../log/log.ts";
import { pause, withTimeout } from "../async/timing.ts";
import type { LineWriter } from "../stdio/writer.ts";
import { createTimeLimit } from "./time_limit.ts";
import { createSlots, type Slots } from "./slots.ts";
import type { Text } from "../json/text.ts";
import { withRetry } from "../upstream/retry_policy.ts";
import { METHOD } from "../mcp/methods.ts";
import { declaredVersion } from "../mcp/request_metadata.ts";
import type { Reply, Upstream } from "../upstream/upstream.ts";

/** What the relay connects. */
export interface RelayOptions {
  /** Lines from the client, those that came together. Their end is the signal to shut down. */
  readonly lines: AsyncIterable<readonly Text[]>;
  /** Lines to the client. */
  readonly output: LineWriter;
  /** The MCP server. */
  readonly upstream: Upstream;
  /** Takes secrets out of an error message. */
  readonly redact: (text: string) => string;
  /** Takes each error of the proxy that answers a request. */
  readonly onFailure?: (error: ProxyError) => void;
  /** Where faults are told that no request can be answered with. */
  readonly log: Log;
  /**
   * Follows the requests.
   *
   * @default one of its own
   */
  readonly journal?: Journal;
  /**
   * Requests that may be with the server at the same time; further ones wait.
   *
   * @default 256
   */
  readonly maxInFlight?: number;
  /** Milliseconds that a request waits for an answer or for progress; no limit by default. */
  readonly requestTimeout?: number;
  /** Ends the relay at once: what is in flight is cancelled instead of waited for. */
  readonly stop?: AbortSignal;
}

/** Milliseconds that the server may take to accept a notification or a response. */
const ACCEPT_WITHIN = 30_000;
/** Milliseconds that a response stream may stay open behind its response. */
const STAY_OPEN = 5_000;
/** Milliseconds that requests in flight have to be answered after the client has closed stdin. */
const DRAIN_WITHIN = 4_000;
/** Milliseconds that the end of the session may take: cancellations, DELETE, the last output. */
const CLOSE_WITHIN = 900;
/** Milliseconds of these that the cancellations may take. */
const CANCEL_WITHIN = 400;
/** Responses and cancellations that may be with the server at the same time. */
const MAX_ONE_WAY = 256;

/** What others have to wait for, since it changes how they are sent or whether they are accepted. */
const BARRIERS = new Set<string>([METHOD.initialize, METHOD.initialized]);

/** What is wrong with a reply that has ended without the answer. */
const UNANSWERED: Record<Reply["kind"], ProxyError> = {
  stream: new ProxyError("interrupted", "the stream ended before the response", {
    mayHaveRun: true,
  }),
  single: new ProxyError("bad_response", "the MCP server's answer does not match this request", {
    mayHaveRun: true,
  }),
  none: new ProxyError("bad_response", "the MCP server accepted the request without an answer", {
    mayHaveRun: true,
  }),
};

/**
 * Relays messages between client and server until the client closes its end or stops reading.
 * Each request gets one answer: the server's, or an error with its id.
 *
 * Resolves when all is done; it does not reject.
 */
export async function relay(options: RelayOptions): Promise<void> {
  const { lines, output, upstream, redact, log, maxInFlight = 256 } = options;
  const { journal = createJournal(log), requestTimeout, stop } = options;
  const slots = createSlots(maxInFlight);
  /** Responses and cancellations; what waits here slows the client down. */
  const oneWay = createSlots(MAX_ONE_WAY);
  /** Notifications are sent one after the other, in the order in which they were written. */
  const inOrder = createSlots(1);
  const inFlight = createInFlight();
  const timeLimit = requestTimeout === undefined
    ? undefined
    : createTimeLimit(requestTimeout, giveUpLate);
  const delivery = createDelivery({
    inFlight,
    output,
    timeLimit,
    redact,
    onFailure: options.onFailure,
    log,
  });
  const work = new Set<Promise<void>>();
  const ending = new AbortController();
  /** Exchanges whose response stream is still open after the response. */
  const lingering = new Set<AbortController>();
  let listening: Promise<void> | undefined;
  /** Resolves when the client has taken the latest refusal of a line. */
  let refused: Promise<void> | undefined;
  /** Whether the client has begun a session: the era in which cancellations are messages. */
  let handshaken = false;

  const gate = createGate<Message>((message) => {
    const done = track(message.requests.length > 0 ? request(message) : notification(message));
    return BARRIERS.has(message.method!) ? done : undefined;
  }, ({ text }) => text.length);

  function takeLine(line: Text): void {
    if (typeof line === "string" && line.trim() === "") return;
    let message;
    try {
      message = readMessage(line);
    } catch (error) {
      if (!(error instanceof InvalidMessage)) throw error;
      const ids = error.ids.length > 0 ? error.ids : [null];
      for (const id of ids) refused = output.write(errorReply(id, error));
      return;
    }
    // An answer to the server does not wait behind `initialize`: the server may need it for that.
    if (message.kind === "response") track(sendInTurn(oneWay, message));
    else gate.pass(message);
  }

  async function request(message: Message): Promise<void> {
    const exchange = inFlight.add(message);
    if (!exchange) return refuse(message);
    if (message.method === METHOD.initialize) handshaken = true;
    const { signal } = exchange.controller;
    const entry = journal.begin(message);
    // A subscription stays for hours; it takes no place from what comes and goes.
    const isLasting = message.method === METHOD.listen;
    const stopTime = isLasting ? undefined : timeLimit?.start(exchange);
    const place = isLasting ? undefined : slots.acquire(message.text.length);
    if (place) await place;
    try {
      await withRetry(message, signal, () => ask(exchange, entry));
    } catch (error) {
      delivery.fail(exchange, error);
    } finally {
      stopTime?.();
      if (!isLasting) slots.release();
      inFlight.remove(exchange);
      entry.end(exchange.failed);
    }
  }

  function refuse({ requests }: Message): void {
    const error = { code: INVALID_REQUEST, message: "Invalid request: the id is already in use" };
    for (const id of requests) refused = output.write(errorReply(id, error));
  }

  /** Sends a request once and delivers the reply to the answer; throws where that brings none. */
  async function ask(exchange: Exchange, entry: Entry): Promise<void> {
    const { message, controller: { signal }, awaited } = exchange;
    if (signal.aborted) return; // While it waited to be sent, or to be sent again.
    exchange.sent = true;
    const answered = () => awaited.size === 0;
    const take = (text: Text) => {
      entry.received += text.length;
      return delivery.deliver(text, exchange);
    };
    const reply = await upstream.send(message, { signal, answered });
    if (reply.kind === "stream") {
      const messages = each(reply.messages);
      for (let next = await messages.next(); !next.done; next = await messages.next()) {
        await take(next.value);
        if (answered()) return void drainAfterAnswer(messages, exchange.controller, exchange);
      }
    } else {
      for (const text of reply.messages) await take(text);
    }
    if (!answered()) throw UNANSWERED[reply.kind];
  }

  /** Delivers what the server says when nothing is awaited any more, for a while. */
  async function drainAfterAnswer(
    messages: AsyncIterable<Text>,
    controller: AbortController,
    exchange?: Exchange,
  ): Promise<void> {
    if (ending.signal.aborted) controller.abort();
    lingering.add(controller);
    const late = setTimeout(() => controller.abort(), STAY_OPEN);
    try {
      for await (const text of messages) await delivery.deliver(text, exchange);
    } catch {
      // Nobody waits for it.
    }
    clearTimeout(late);
    lingering.delete(controller);
  }

  async function notification(message: Message): Promise<void> {
    if (message.method === METHOD.cancelled) return await cancel(message);
    await sendInTurn(inOrder, message);
    if (message.method === METHOD.initialized) listening ??= listen();
  }

  async function sendInTurn(turns: Slots, message: Message): Promise<void> {
    const turn = turns.acquire(message.text.length);
    if (turn) await turn;
    try {
      await sendOneWay(message);
    } finally {
      turns.release();
    }
  }

  /**
   * A cancellation does not wait for the other notifications: it may be what gets them going. The
   * exchange ends first, since the request may not have left yet, as where it waits for a token.
   */
  async function cancel(message: Message): Promise<void> {
    const id = idKey(message.value.params?.requestId);
    const exchange = id === undefined ? undefined : inFlight.find(id);
    if (exchange && exchange.awaited.size > 1) inFlight.settle(id!); // The rest of a batch goes on.
    else if (exchange) {
      exchange.cancelled = true;
      exchange.controller.abort();
    }
    if (forwardsCancellation(exchange)) await sendInTurn(oneWay, message);
  }

  /**
   * Since 2026-07-28 a cancellation is no message: the end of the exchange says it. And of what the
   * server has never heard it need not hear.
   */
  function forwardsCancellation(cancelled: Exchange | undefined): boolean {
    if (!cancelled) return handshaken;
    return cancelled.sent && declaredVersion(cancelled.message) === undefined;
  }

  /** Sends what has no answer, so that a failure can only be logged. */
  async function sendOneWay(message: Message): Promise<void> {
    try {
      await withTimeout(
        ACCEPT_WITHIN,
        (signal, controller) =>
          withRetry(message, signal, async () => {
            const reply = await upstream.send(message, { signal, answered: () => true });
            if (reply.kind === "stream") drainAfterAnswer(each(reply.messages), controller);
          }),
      );
    } catch (error) {
      if (logFault(log, error)) return;
      const name = message.method ?? message.kind;
      log.warn("OAuth Proxy", `${name} not accepted: ${messageOf(error)}`);
    }
  }

  async function listen(): Promise<void> {
    for await (const text of upstream.listen(ending.signal)) await delivery.deliver(text);
    listening = undefined;
  }

  function track(task: Promise<void>): Promise<void> {
    const tracked: Promise<void> = task.finally(() => work.delete(tracked));
    work.add(tracked);
    return tracked;
  }

  /** Waits until everything in flight is answered, but no longer than that may take. */
  async function drain(): Promise<void> {
    for (const exchange of inFlight.all()) {
      // A subscription has no answer to wait for.
      if (exchange.message.method === METHOD.listen) giveUp(exchange, exchange.sent);
    }
    const late = pause(DRAIN_WITHIN, ending.signal);
    while (work.size > 0 && !ending.signal.aborted) {
      const isLate = await Promise.race([
        Promise.all(work).then(() => false),
        late.then(() => true),
      ]);
      if (isLate) return;
    }
  }

  function giveUp(exchange: Exchange, mayHaveRun: boolean): void {
    const message = stop?.aborted
      ? "the proxy was stopped before the answer arrived"
      : "stdin was closed before the answer arrived";
    delivery.fail(exchange, new ProxyError("shutdown", message, { mayHaveRun }));
    exchange.controller.abort();
  }

  /** Cancels a request that took too long, and answers it with an error. */
  function giveUpLate(exchange: Exchange): void {
    const ids = cancelledBy([exchange]);
    const message =
      `the MCP server did not answer in ${requestTimeout! / 1000} s, and reported no ` +
      "progress; set MCP_REQUEST_TIMEOUT to a longer time";
    delivery.fail(exchange, new ProxyError("timeout", message, { mayHaveRun: exchange.sent }));
    exchange.controller.abort();
    for (const id of ids) track(sendInTurn(oneWay, cancellation(id, "It took too long")));
  }

  async function readAll(): Promise<void> {
    for await (const together of lines) {
      together.forEach(takeLine);
      await Promise.all([slots.calm(), oneWay.calm(), inOrder.calm(), gate.calm(), refused]);
      refused = undefined;
      if (ending.signal.aborted) return;
    }
    await drain();
  }

  /** The ids that a server with a session has to be told, if nobody waits for these requests. */
  function cancelledBy(exchanges: readonly Exchange[]): Id[] {
    return exchanges
      .filter((exchange) => handshaken && exchange.message.method !== METHOD.initialize)
      .filter(forwardsCancellation)
      .flatMap(({ awaited }) => [...awaited]);
  }

  async function cancelAtServer(ids: readonly Id[]): Promise<void> {
    const messages = ids.map((id) => cancellation(id, "The client closed the connection"));
    const sendAll = (late: AbortSignal) =>
      Promise.allSettled(messages.map((message) => {
        const signal = AbortSignal.any([late]); // Node warns if many requests share a signal.
        return upstream.send(message, { signal, answered: () => true });
      }));
    if (ids.length > 0) await withTimeout(CANCEL_WITHIN, sendAll).catch(() => {});
  }

  async function shutDown(): Promise<void> {
    ending.abort();
    for (const controller of lingering) controller.abort();
    const left = [...inFlight.all()];
    const closed = AbortSignal.timeout(CLOSE_WITHIN);
    const cancelled = cancelAtServer(cancelledBy(left));
    for (const exchange of left) giveUp(exchange, exchange.sent);
    for (const message of gate.shut()) {
      const exchange = inFlight.add(message);
      if (exchange) giveUp(exchange, false);
      else refuse(message);
    }
    await cancelled;
    await upstream.close(closed);
    await Promise.race([output.flushed(), output.closed, aborted(closed)]);
  }

  await Promise.race([readAll(), output.closed, ...(stop ? [aborted(stop)] : [])]);
  await shutDown();
}

/** Resolves when a signal has aborted. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** The message that cancels a request, from the proxy itself. */
function cancellation(id: Id, reason: string): Message {
  const params = `{"requestId":${id},"reason":${JSON.stringify(reason)}}`;
  return parseMessage(`{"jsonrpc":"2.0","method":"${METHOD.cancelled}","params":${params}}`);
}

/** Lets some of the items be taken now and the others later. */
async function* each<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  yield* items;
}
