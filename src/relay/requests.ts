import { ProxyError } from "../errors.ts";
import { isJson } from "../json/check.ts";
import { INVALID_REQUEST, type Message } from "../json/jsonrpc.ts";
import type { Text } from "../json/text.ts";
import type { Entry, Journal } from "../log/journal.ts";
import { traitsOf } from "../mcp/traits.ts";
import { BROKEN_ANSWER } from "../upstream/reply.ts";
import { sendWithRetry } from "../upstream/retry_policy.ts";
import type { Reply, Upstream } from "../upstream/upstream.ts";
import type { Delivery } from "./delivery.ts";
import type { Exchange, InFlight } from "./in_flight.ts";
import { each, type Lingering } from "./lingering.ts";
import { createSlots } from "./slots.ts";
import type { TimeLimit } from "./time_limit.ts";

/** The client's requests: each gets one answer, the server's or an error. */
export interface Requests {
  /** Sends a request, relays the answer, and resolves when the request is over. Does not reject. */
  run(message: Message): Promise<void>;
  /** Ends a request, and answers it with an error. */
  giveUp(exchange: Exchange, failure: ProxyError): void;
  /** Answers a request with an error instead of sending it. Other messages need no answer. */
  giveUpUnsent(message: Message, failure: ProxyError): void;
  /** Resolves when the waiting requests hold no more bytes than allowed. */
  calm(): Promise<void>;
}

/** What {@linkcode createRequests} needs. */
export interface RequestsOptions {
  readonly upstream: Upstream;
  readonly inFlight: InFlight;
  readonly delivery: Delivery;
  readonly lingering: Lingering;
  readonly journal: Journal;
  readonly timeLimit?: TimeLimit;
  /** Requests that may be at the server at the same time; more requests wait. */
  readonly maxInFlight: number;
  /** Answers a request that is not sent. */
  readonly refuse: (message: Message, error: { code: number; message: string }) => void;
}

/** The error for an id that another request has. */
const DUPLICATE = { code: INVALID_REQUEST, message: "Invalid request: the id is already in use" };

/** The error for a reply that ended without the answer. */
const UNANSWERED: Readonly<Record<Reply["kind"], ProxyError>> = {
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

/** Creates the requests of one client. */
export function createRequests(options: RequestsOptions): Requests {
  const { upstream, inFlight, delivery, lingering, journal, timeLimit } = options;
  const slots = createSlots(options.maxInFlight);

  async function run(message: Message): Promise<void> {
    const exchange = inFlight.add(message);
    if (!exchange) return options.refuse(message, DUPLICATE);
    const entry = journal.begin(message);
    const { isLasting } = traitsOf(message); // It takes no slot from short requests.
    const stopTime = isLasting ? undefined : timeLimit?.start(exchange);
    const slot = isLasting ? undefined : slots.acquire(message.text.length);
    if (slot) await slot;
    try {
      await sendWithRetry(message, exchange.controller.signal, () => send(exchange, entry));
    } catch (error) {
      delivery.fail(exchange, error);
    } finally {
      stopTime?.();
      if (!isLasting) slots.release();
      inFlight.remove(exchange);
      entry.end(exchange.failed);
    }
  }

  /** Sends a request once and delivers the reply, up to the answer. Throws if there is none. */
  async function send(exchange: Exchange, entry: Entry): Promise<void> {
    const { message, controller, awaited } = exchange;
    if (controller.signal.aborted) return; // While it waited to be sent, or to be sent again.
    exchange.sent = true;
    const answered = () => awaited.size === 0;
    const deliver = (text: Text) => {
      entry.received += text.length;
      return delivery.deliver(text, exchange);
    };
    const reply = await upstream.send(message, { signal: controller.signal, answered });
    if (reply.kind === "stream") {
      const messages = each(reply.messages);
      for (let next = await messages.next(); !next.done; next = await messages.next()) {
        await deliver(next.value);
        if (answered()) return void lingering.drainAfterAnswer(messages, controller, exchange);
      }
    } else {
      for (const text of reply.messages) await deliver(text);
    }
    if (answered()) return;
    throw reply.kind === "single" && !reply.messages.every(isJson)
      ? BROKEN_ANSWER
      : UNANSWERED[reply.kind];
  }

  function giveUp(exchange: Exchange, failure: ProxyError): void {
    delivery.fail(exchange, failure);
    exchange.controller.abort();
  }

  function giveUpUnsent(message: Message, failure: ProxyError): void {
    const exchange = inFlight.add(message);
    if (exchange) giveUp(exchange, failure);
    else options.refuse(message, DUPLICATE);
  }

  return { run, giveUp, giveUpUnsent, calm: slots.calm };
}
