import { aborted } from "../async/timing.ts";
import { ProxyError } from "../errors.ts";
import { errorReply, type Id, InvalidMessage, type Message } from "../json/jsonrpc.ts";
import { readMessage } from "../json/long_message.ts";
import type { Text } from "../json/text.ts";
import { createJournal, type Journal } from "../log/journal.ts";
import type { Log } from "../log/log.ts";
import { cancellation } from "../mcp/cancellation.ts";
import { traitsOf } from "../mcp/traits.ts";
import type { LineWriter } from "../stdio/writer.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { createCancellations } from "./cancellations.ts";
import { createDelivery } from "./delivery.ts";
import { createGate } from "./gate.ts";
import { createInFlight, type Exchange } from "./in_flight.ts";
import { createLingering } from "./lingering.ts";
import { createOneWay } from "./one_way.ts";
import { createRequests } from "./requests.ts";
import { createShutdown } from "./shutdown.ts";
import { createTasks } from "./tasks.ts";
import { createTimeLimit } from "./time_limit.ts";

/** What the relay connects. */
export interface RelayOptions {
  /** Lines from the client, in groups that arrived together. The end of the input ends the relay. */
  readonly lines: AsyncIterable<readonly Text[]>;
  /** Lines to the client. */
  readonly output: LineWriter;
  /** The MCP server. */
  readonly upstream: Upstream;
  /** Removes secrets from an error message. */
  readonly redact: (message: string) => string;
  /** Takes each error of the proxy that answers a request. */
  readonly onFailure?: (error: ProxyError) => void;
  /** Takes failures that do not belong to a request. */
  readonly log: Log;
  /**
   * Counts and logs the requests.
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

/**
 * Relays messages between client and server until the client closes its end or stops reading.
 * Each request gets one answer: the server's, or an error with its id.
 *
 * The path of a message: {@linkcode takeLine} reads it, and the gate lets it through when the
 * handshake before it is over. A request goes through `requests` to the server, and the server's
 * messages come back through `delivery` to the client. Everything without an answer goes through
 * `oneWay`, and cancellations through `cancellations`. What the server says outside of response
 * streams comes from {@linkcode listen}.
 *
 * Resolves when all is done; it does not reject.
 */
export async function relay(options: RelayOptions): Promise<void> {
  const { lines, output, upstream, redact, log, requestTimeout, stop } = options;
  const { journal = createJournal(log), maxInFlight = 256, onFailure } = options;
  const tasks = createTasks();
  const inFlight = createInFlight();
  const timeLimit = requestTimeout === undefined
    ? undefined
    : createTimeLimit(requestTimeout, endLate);
  const onProgress = timeLimit?.progress;
  const delivery = createDelivery({ inFlight, output, onProgress, redact, onFailure, log });
  const lingering = createLingering(delivery);
  const oneWay = createOneWay({ upstream, lingering, log, requestTimeout });
  const cancellations = createCancellations({ inFlight, oneWay });
  const requests = createRequests({
    upstream,
    inFlight,
    delivery,
    lingering,
    journal,
    timeLimit,
    maxInFlight,
    refuse: (message, error) => refuse(message.requests, error),
  });
  const gate = createGate(start, ({ text }: Message) => text.length);
  const ending = new AbortController();
  const shutdown = createShutdown({
    upstream,
    output,
    inFlight,
    requests,
    cancellations,
    gate,
    tasks,
    ending: ending.signal,
    stop,
  });
  let listening: Promise<void> | undefined;
  /** Resolves when the client has taken the latest refusal. */
  let refused: Promise<void> | undefined;

  function takeLine(line: Text): void {
    if (typeof line === "string" && line.trim() === "") return;
    let message;
    try {
      message = readMessage(line);
    } catch (error) {
      if (!(error instanceof InvalidMessage)) throw error;
      return refuse(error.ids.length > 0 ? error.ids : [null], error);
    }
    // An answer to the server does not wait for the handshake: the server may need it for that.
    if (message.kind === "response") tasks.track(oneWay.sendAtOnce(message));
    else gate.pass(message);
  }

  function refuse(ids: readonly (Id | null)[], error: { code: number; message: string }): void {
    for (const id of ids) refused = output.write(errorReply(id, error));
  }

  /** Starts what a message asks for. @returns what the messages after it wait for, if anything */
  function start(message: Message): Promise<void> | undefined {
    const done = tasks.track(message.requests.length > 0 ? request(message) : notify(message));
    return traitsOf(message).isHandshake ? done : undefined;
  }

  function request(message: Message): Promise<void> {
    if (traitsOf(message).beginsSession) cancellations.beginSession();
    return requests.run(message);
  }

  async function notify(message: Message): Promise<void> {
    const { cancels, startsListening } = traitsOf(message);
    if (cancels) return await cancellations.cancel(message);
    await oneWay.sendInOrder(message);
    if (startsListening) listening ??= listen();
  }

  async function listen(): Promise<void> {
    for await (const text of upstream.listen(ending.signal)) await delivery.deliver(text);
    listening = undefined;
  }

  /** Ends a request that took too long, at the server too. */
  function endLate(exchange: Exchange, milliseconds: number): void {
    const ids = cancellations.idsOf([exchange]);
    const message = `the MCP server did not answer in ${milliseconds / 1000} s, and reported no ` +
      "progress; set MCP_REQUEST_TIMEOUT to a longer time";
    requests.giveUp(exchange, new ProxyError("timeout", message, { mayHaveRun: exchange.sent }));
    for (const id of ids) tasks.track(oneWay.sendAtOnce(cancellation(id, "It took too long")));
  }

  async function readAll(): Promise<void> {
    for await (const together of lines) {
      together.forEach(takeLine);
      await Promise.all([requests.calm(), oneWay.calm(), gate.calm(), refused]);
      refused = undefined;
      if (ending.signal.aborted) return;
    }
    await shutdown.drain();
  }

  await Promise.race([readAll(), output.closed, ...(stop ? [aborted(stop)] : [])]);
  ending.abort();
  lingering.end();
  await shutdown.close();
}
