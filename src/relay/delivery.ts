import { messageOf, ProxyError } from "../errors.ts";
import type { Exchange, InFlight } from "./in_flight.ts";
import { errorReply, type Id, type Message, parseMessage, withId } from "../json/jsonrpc.ts";
import { readMessage } from "../json/long_message.ts";
import type { Log } from "../log/log.ts";
import type { LineWriter } from "../stdio/writer.ts";
import { stringOf, type Text } from "../json/text.ts";

/** The way to the client: each request in flight leaves here with one answer, and no more. */
export interface Delivery {
  /**
   * Hands a server message to the client; resolves when there is room for the next one. What is
   * no message is dropped with a warning; what answers nothing that is asked, or belongs to a
   * cancelled request, without one.
   *
   * @param exchange the exchange whose response stream it came on
   */
  deliver(text: Text, exchange?: Exchange): Promise<void>;
  /** Answers with an error whatever `exchange` still awaits; nothing if the client cancelled it. */
  fail(exchange: Exchange, cause: unknown): void;
  /** When the server was last heard, in milliseconds. */
  readonly lastHeard: number;
}

/** Creates the way to the client. */
export function createDelivery(
  { inFlight, output, redact, log }: {
    inFlight: InFlight;
    output: LineWriter;
    redact: (text: string) => string;
    log: Log;
  },
): Delivery {
  let lastHeard = Date.now();

  /** Takes each id off the table that the message answers; `false` if it answers none. */
  function settle(message: Message, exchange: Exchange | undefined): boolean {
    let answers = false;
    for (const id of message.responses) {
      const asked = id === null ? undefined : inFlight.find(id);
      if (!asked || asked.cancelled) continue;
      answers = inFlight.settle(id!);
      if (isError(message)) asked.failed = true;
      // It came on another stream: nothing is awaited from its own.
      if (asked !== exchange && asked.awaited.size === 0) asked.controller.abort();
    }
    return answers;
  }

  /** Some of an error's data is in a server's words. */
  function shown(data: ProxyError["data"]) {
    const members = Object.entries(data)
      .map(([name, value]) => [name, typeof value === "string" ? redact(value) : value]);
    return Object.fromEntries(members);
  }

  /** Whether it is an error that answers nothing that is asked. */
  function isAstray(message: Message): boolean {
    const [id] = message.responses;
    return isError(message) && (id === null || !inFlight.find(id));
  }

  return {
    get lastHeard() {
      return lastHeard;
    },

    async deliver(text, exchange) {
      lastHeard = Date.now();
      if (exchange?.cancelled) return;
      let message;
      try {
        message = readMessage(text);
        if (exchange && isAstray(message)) message = addressed(message, exchange);
      } catch (error) {
        log.warn("OAuth Proxy", `Server message dropped: ${messageOf(error)}`);
        return;
      }
      if (message.responses.length > 0 && !settle(message, exchange)) {
        log.debug("OAuth Proxy", "Server response dropped: no request has this id");
        return;
      }
      await output.write(message.text);
    },

    fail(exchange, cause) {
      if (exchange.awaited.size === 0 || exchange.cancelled) return;
      const { code, data, message } = cause instanceof ProxyError
        ? cause
        : new ProxyError("interrupted", messageOf(cause), { mayHaveRun: true });
      const error = { code, message: redact(`Proxy error: ${message}`), data: shown(data) };
      log.debug("OAuth Proxy", error.message);
      exchange.failed = true;
      for (const id of [...exchange.awaited]) {
        inFlight.settle(id);
        output.write(errorReply(id, error));
      }
    },
  };
}

/** Whether a message is an error response; a long message of which only the ends are read is a result. */
function isError(message: Message): boolean {
  return message.kind === "response" && !message.isSkimmed && Boolean(message.value.error);
}

/**
 * An error on the response stream of a single request is that request's, whatever id it bears, unless
 * another one waits for it: servers that did not read the request that far put `null`, nothing, or a
 * word of their own.
 */
function addressed(message: Message, { message: { requests }, awaited }: Exchange): Message {
  if (requests.length !== 1 || awaited.size === 0) return message;
  const [id]: Iterable<Id> = awaited;
  return parseMessage(withId(stringOf(message.text), id));
}
