import type { Message } from "../json/jsonrpc.ts";
import { traceparentOf } from "../json/trace_context.ts";
import type { Log } from "./log.ts";
import type { HttpClient } from "../runtime/types.ts";

/** Follows each request through the log, and counts: what it was, never what was in it. */
export interface Journal {
  /** Begins to follow a request. Its HTTP requests have its id. */
  begin(message: Message): Entry;
  /** An HTTP client whose requests are counted to the message with their id. */
  watch(http: HttpClient): HttpClient;
  /** Counts a token that was fetched. */
  countToken(): void;
  /** Writes the totals into the log. */
  sum(): void;
}

/** A request that is being followed. */
export interface Entry {
  /** Characters of the answer, and of what came with it. */
  received: number;
  /**
   * The request has been answered, or has been given up.
   *
   * @param failed whether the answer was an error
   */
  end(failed: boolean): void;
}

/** What is known of the HTTP requests of a client's request. */
interface Trace {
  readonly id: string;
  status?: number;
  /** How often it was sent with a token. */
  attempts: number;
}

/**
 * Creates an empty journal.
 *
 * @param now the time in milliseconds
 */
export function createJournal(log: Log, now: () => number = Date.now): Journal {
  const started = now();
  const count = { requests: 0, failed: 0, retries: 0, tokens: 0 };
  const traces = new Map<string, Trace>();

  function begin(message: Message): Entry {
    const { text, method, requests } = message;
    const trace: Trace = { id: requests.join(), attempts: 0 };
    const about = {
      method: nameOf(method),
      id: trace.id,
      sent: text.length,
      traceparent: traceparentOf(message),
    };
    const begun = now();
    traces.set(trace.id, trace);
    count.requests += requests.length;
    log.debug("OAuth Proxy", "Request", about);
    return {
      received: 0,
      end(failed) {
        traces.delete(trace.id);
        const { status, attempts } = trace;
        const retries = Math.max(0, attempts - 1);
        if (failed) count.failed++;
        count.retries += retries;
        const { received } = this;
        const ms = now() - begun;
        log.debug("OAuth Proxy", "Answered", { ...about, received, status, ms, retries, failed });
      },
    };
  }

  function watch(http: HttpClient): HttpClient {
    return async (request) => {
      const trace = request.id === undefined ? undefined : traces.get(request.id);
      if (trace) trace.attempts++;
      const begun = now();
      let status: number | undefined;
      try {
        const response = await http(request);
        status = response.status;
        if (trace) trace.status = status;
        // The first request without a token, which starts discovery, is not an attempt.
        if (trace && status === 401 && !request.headers.authorization) trace.attempts--;
        return response;
      } finally {
        log.debug("HTTP", `${request.method} ${withoutQuery(request.url)}`, {
          id: request.id,
          status: status ?? "none",
          ms: now() - begun,
        });
      }
    };
  }

  function sum(): void {
    const seconds = Math.round((now() - started) / 1000);
    log.info("OAuth Proxy", "Ended", { ...count, seconds });
  }

  return { begin, watch, countToken: () => void count.tokens++, sum };
}

/** A client can send any text as a method; only usual names are logged. */
function nameOf(method: string | undefined): string {
  return method === undefined || /^[\w$./-]+$/.test(method) ? method ?? "batch" : "other";
}

/** A URL without its query, which may contain keys. */
function withoutQuery(url: string): string {
  return url.split("?")[0];
}
