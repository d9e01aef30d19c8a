import { aborted, pause, withTimeoutAndAbort } from "../async/timing.ts";
import { ProxyError } from "../errors.ts";
import type { Id, Message } from "../json/jsonrpc.ts";
import { cancellation } from "../mcp/cancellation.ts";
import { traitsOf } from "../mcp/traits.ts";
import type { LineWriter } from "../stdio/writer.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { Cancellations } from "./cancellations.ts";
import type { Gate } from "./gate.ts";
import type { InFlight } from "./in_flight.ts";
import type { Requests } from "./requests.ts";
import type { Tasks } from "./tasks.ts";
import { CANCEL_WITHIN, DRAIN_WITHIN, END_SESSION_WITHIN } from "../limits.ts";

/** What {@linkcode createShutdown} needs. */
export interface ShutdownOptions {
  readonly upstream: Upstream;
  readonly output: LineWriter;
  readonly inFlight: InFlight;
  readonly requests: Requests;
  readonly cancellations: Cancellations;
  readonly gate: Gate<Message>;
  readonly tasks: Tasks;
  /** Aborts when the client needs no answers any more. */
  readonly ending: AbortSignal;
  /** Has aborted if a program or a signal ended the relay, not the client. */
  readonly stop?: AbortSignal;
}

/** The end of a relay, in two steps. */
export interface Shutdown {
  /** Waits a limited time for the answers to the requests in flight. */
  drain(): Promise<void>;
  /** Cancels the other requests at the server, answers them with an error, and ends the session. */
  close(): Promise<void>;
}

/** Creates the end of a relay. */
export function createShutdown(options: ShutdownOptions): Shutdown {
  const { upstream, output, inFlight, requests, cancellations, gate, tasks, ending, stop } =
    options;

  async function drain(): Promise<void> {
    for (const exchange of inFlight.all()) {
      if (traitsOf(exchange.message).isLasting) requests.giveUp(exchange, failure(exchange.sent));
    }
    await Promise.race([tasks.done(), pause(DRAIN_WITHIN, ending)]);
  }

  async function close(): Promise<void> {
    const left = [...inFlight.all()];
    const late = AbortSignal.timeout(END_SESSION_WITHIN);
    const cancelled = cancelAtServer(cancellations.idsOf(left));
    for (const exchange of left) requests.giveUp(exchange, failure(exchange.sent));
    for (const message of gate.shut()) requests.giveUpUnsent(message, failure(false));
    await cancelled;
    await upstream.close(late);
    await Promise.race([output.flushed(), output.closed, aborted(late)]);
  }

  async function cancelAtServer(ids: readonly Id[]): Promise<void> {
    const messages = ids.map((id) => cancellation(id, "The client closed the connection"));
    const sendAll = (late: AbortSignal) =>
      Promise.allSettled(messages.map((message) => {
        const signal = AbortSignal.any([late]); // Node warns if many requests share a signal.
        return upstream.send(message, { signal, answered: () => true });
      }));
    if (ids.length > 0) await withTimeoutAndAbort(CANCEL_WITHIN, sendAll).catch(() => {});
  }

  function failure(mayHaveRun: boolean): ProxyError {
    const event = stop?.aborted ? "the proxy was stopped" : "stdin was closed";
    return new ProxyError("shutdown", `${event} before the answer arrived`, { mayHaveRun });
  }

  return { drain, close };
}
