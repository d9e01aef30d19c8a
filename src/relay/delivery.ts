import { messageOf, ProxyError, rethrowFault, wrapped } from "../errors.ts";
import type { Exchange, InFlight } from "./in_flight.ts";
import { errorOf, errorReply, type Id, type Message, withId } from "../json/jsonrpc.ts";
import { readMessage } from "../json/long_message.ts";
import { partSpans } from "../json/spans.ts";
import { logFault } from "../log/fault.ts";
import { foreign } from "../log/foreign_words.ts";
import type { Log } from "../log/log.ts";
import type { LineWriter } from "../stdio/writer.ts";
import { METHOD } from "../mcp/methods.ts";
import type { TimeLimit } from "./time_limit.ts";
import { stringOf, type Text } from "../json/text.ts";

/** Writes to the client: each request in flight gets exactly one answer. */
export interface Delivery {
  /**
   * Hands a server message to the client; resolves when there is room for the next one. Text
   * that is not a message is dropped with a warning; a response that no request waits for, or that
   * belongs to a cancelled request, without one.
   *
   * @param exchange the exchange whose response stream it came on
   */
  deliver(text: Text, exchange?: Exchange): Promise<void>;
  /** Answers all requests that `exchange` still awaits with an error, unless the client cancelled it. */
  fail(exchange: Exchange, cause: unknown): void;
}

/** Creates the writer to the client. */
export function createDelivery(
  { inFlight, output, onProgress, redact, onFailure, log }: {
    inFlight: InFlight;
    output: LineWriter;
    /** Takes each progress notification, with the request on whose stream it came. */
    onProgress?: TimeLimit["progress"];
    /** Removes secrets from a message. */
    redact: (message: string) => string;
    onFailure?: (error: ProxyError) => void;
    log: Log;
  },
): Delivery {
  /** Marks the ids as answered that the message answers; `false` if it answers none. */
  function settle(message: Message, exchange: Exchange | undefined): boolean {
    let answers = false;
    for (const id of message.responses) {
      if (id === null) continue;
      const asked = inFlight.find(id);
      if (!asked || asked.cancelled) continue;
      answers = inFlight.settle(id);
      if (isError(message)) asked.failed = true;
      // It came on another stream: nothing is awaited from its own.
      if (asked !== exchange && asked.awaited.size === 0) asked.controller.abort();
    }
    return answers;
  }

  /** The data of an error. Only the OAuth error is a server's own words. */
  function shown(data: ProxyError["data"]): ProxyError["data"] {
    const { oauthError } = data;
    return oauthError === undefined ? data : { ...data, oauthError: redact(foreign(oauthError)) };
  }

  /** Whether no request has the id of this response. */
  function isAstray({ kind, responses: [id] }: Message): boolean {
    return kind === "response" && (id === null || id === undefined || !inFlight.find(id));
  }

  return {
    async deliver(text, exchange) {
      if (exchange?.cancelled) return;
      let message;
      try {
        message = exchange ? unwrapped(readMessage(text), exchange) : readMessage(text);
        if (exchange && isAstray(message)) message = addressed(message, exchange);
      } catch (error) {
        if (exchange) rethrowFault(error); // The request fails.
        logFault(log, error);
        log.warn("OAuth Proxy", `Server message dropped: ${messageOf(error)}`);
        return;
      }
      if (message.responses.length > 0 && !settle(message, exchange)) {
        log.debug("OAuth Proxy", "Server response dropped: no request has this id");
        return;
      }
      if (message.method === METHOD.progress) onProgress?.(message, exchange);
      await output.write(message.text);
    },

    fail(exchange, cause) {
      if (exchange.awaited.size === 0 || exchange.cancelled) return;
      const failure = failureOf(cause);
      const { code, data, message } = failure;
      logFault(log, failure);
      const error = { code, message: redact(`Proxy error: ${message}`), data: shown(data) };
      log.debug("OAuth Proxy", error.message, { id: exchange.message.requests.join() });
      exchange.failed = true;
      onFailure?.(failure);
      for (const id of [...exchange.awaited]) {
        inFlight.settle(id);
        output.write(errorReply(id, error));
      }
    },
  };
}

function isError(message: Message): boolean {
  return message.kind === "response" && Boolean(errorOf(message));
}

/** The error to report for whatever was thrown. */
function failureOf(cause: unknown): ProxyError {
  if (cause instanceof ProxyError) return cause;
  return wrapped(cause, "interrupted", (words) => words, { mayHaveRun: true });
}

/** Some servers answer a single request with an array of one response: the response itself. */
function unwrapped(message: Message, { message: asked }: Exchange): Message {
  const isOne = message.kind === "batch" && asked.kind !== "batch" &&
    message.responses.length === 1 && message.requests.length === 0;
  if (!isOne) return message;
  const text = stringOf(message.text);
  const [first, ...others] = partSpans(text, 0);
  return others.length > 0 ? message : readMessage(text.slice(...first));
}

/**
 * The response to a single request, with the id of that request. An error on its response stream
 * belongs to it, whatever its id is: servers that did not read the id write `null`, nothing, or
 * something else. A result belongs to it only if the id is the same text in another type, such as "5"
 * for 5.
 */
function addressed(message: Message, { message: { requests }, awaited }: Exchange): Message {
  if (requests.length !== 1 || awaited.size === 0) return message;
  const [id]: Iterable<Id> = awaited;
  const [given] = message.responses;
  const isSameText = typeof given === "string" && unquoted(given) === unquoted(id);
  if (!isError(message) && !isSameText) return message;
  return readMessage(withId(stringOf(message.text), id));
}

function unquoted(id: Id): string {
  return id.replace(/^"|"$/g, "");
}
