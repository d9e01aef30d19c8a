import { cancellation, createCancellations } from "./cancellations.ts";
import { createLingering, each } from "./lingering.ts";
import { createOneWay } from "./one_way.ts";
import { createDelivery } from "./delivery.ts";
import { ProxyError } from "../errors.ts";
import { createGate } from "./gate.ts";
import { createInFlight, type Exchange } from "./in_flight.ts";
import {
  errorReply,
  type Id,
  idKey,
  INVALID_REQUEST,
  InvalidMessage,
  type Message,
  paramOf,
} from "../json/jsonrpc.ts";
import { createJournal, type Entry, type Journal } from "../log/journal.ts";
import { readMessage } from "../json/long_message.ts";
import type { Log } from "../log/log.ts";
import { pause, withTimeout } from "../async/timing.ts";
import type { LineWriter } from "../stdio/writer.ts";
import { createTimeLimit } from "./time_limit.ts";
import { createSlots } from "./slots.ts";
import type { Text } from "../json/text.ts";
import { withRetry } from "../upstream/retry_policy.ts";
import { METHOD } from "../mcp/methods.ts";
import type { Reply, Upstream } from "../upstream/upstream.ts";

/** What the relay connects. */
export interface RelayOptions {
  /** Lines from the client, those that came together. Their end is the signal to shut down. */
  readonly lines: AsyncIterable<readonly Text[]>;
  /** Lines to the client. */
  readonly output: LineWriter;
  /** The MCP server. */
  readonly upstream: Upstream;
  /** Removes secrets from an error message. */
  readonly redact: (text: string) => string;
  /** Takes each error of the proxy that answers a request. */
  readonly onFailure?: (error: ProxyError) => void;
  /** Gets the failures that no request can be answered with. */
  readonly log: Log;
  /**
   * Follows the requests.
   *
   * @default one of its own
   */
  readonly journal?: Journal;
  /**
   * Requests that may be at the server at the same time; more requests wait.
   *
   * @default 256
   */
  readonly maxInFlight?: number;
  /** Milliseconds that a request waits for an answer or for progress; no limit by default. */
  readonly requestTimeout?: number;
  /** Ends the relay at once: what is in flight is cancelled instead of waited for. */
  readonly stop?: AbortSignal;
}

/** Milliseconds that open requests may still take after the client has closed stdin. */
const DRAIN_WITHIN = 4_000;
/** Milliseconds that the end of the session may take: cancellations, DELETE, the last output. */
const CLOSE_WITHIN = 900;
/** Milliseconds of these that the cancellations may take. */
const CANCEL_WITHIN = 400;

/** Messages that later ones wait for: they change how those are sent, or whether they are accepted. */
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
  const lingering = createLingering(delivery);
  const oneWay = createOneWay({ upstream, lingering, log, requestTimeout });
  const cancellations = createCancellations();
  const work = new Set<Promise<void>>();
  const ending = new AbortController();
  let listening: Promise<void> | undefined;
  /** Resolves when the client has taken the latest refusal of a line. */
  let refused: Promise<void> | undefined;

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
    if (message.kind === "response") track(oneWay.sendAtOnce(message));
    else gate.pass(message);
  }

  async function request(message: Message): Promise<void> {
    const exchange = inFlight.add(message);
    if (!exchange) return refuse(message);
    if (message.method === METHOD.initialize) cancellations.beginSession();
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

  /** Sends a request once and delivers the reply, up to the answer. Throws if there is none. */
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
        if (!answered()) continue;
        return void lingering.drainAfterAnswer(messages, exchange.controller, exchange);
      }
    } else {
      for (const text of reply.messages) await take(text);
    }
    if (!answered()) throw UNANSWERED[reply.kind];
  }

  async function notification(message: Message): Promise<void> {
    if (message.method === METHOD.cancelled) return await cancel(message);
    await oneWay.sendInOrder(message);
    if (message.method === METHOD.initialized) listening ??= listen();
  }

  /**
   * A cancellation does not wait for the other notifications: they may wait for what it ends. The
   * exchange ends first, since the request may not have been sent yet: it may wait for a token.
   */
  async function cancel(message: Message): Promise<void> {
    const id = idKey(paramOf(message, "requestId"));
    const exchange = id === undefined ? undefined : inFlight.find(id);
    if (exchange && exchange.awaited.size > 1) inFlight.settle(id!); // The rest of a batch goes on.
    else if (exchange) {
      exchange.cancelled = true;
      exchange.controller.abort();
    }
    if (cancellations.forwards(exchange)) await oneWay.sendAtOnce(message);
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
    const ids = cancellations.idsOf([exchange]);
    const message =
      `the MCP server did not answer in ${requestTimeout! / 1000} s, and reported no ` +
      "progress; set MCP_REQUEST_TIMEOUT to a longer time";
    delivery.fail(exchange, new ProxyError("timeout", message, { mayHaveRun: exchange.sent }));
    exchange.controller.abort();
    for (const id of ids) track(oneWay.sendAtOnce(cancellation(id, "It took too long")));
  }

  async function readAll(): Promise<void> {
    for await (const together of lines) {
      together.forEach(takeLine);
      await Promise.all([slots.calm(), oneWay.calm(), gate.calm(), refused]);
      refused = undefined;
      if (ending.signal.aborted) return;
    }
    await drain();
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
    lingering.end();
    const left = [...inFlight.all()];
    const closed = AbortSignal.timeout(CLOSE_WITHIN);
    const cancelled = cancelAtServer(cancellations.idsOf(left));
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
