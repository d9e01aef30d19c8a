import { ProxyError } from "../errors.ts";
import { errorOf, type Id, type Message } from "../json/jsonrpc.ts";
import { stringOf, type Text } from "../json/text.ts";
import { METHOD } from "../mcp/methods.ts";
import { INPUT_WITHIN } from "../limits.ts";
import { notificationOf, objectOf } from "./written.ts";

/** A request to the client, without its id: the method and the parameters as JSON text. */
export interface ClientRequest {
  readonly method: string;
  readonly params?: string;
}

/** Requests of the proxy to a legacy client, and the client's responses to them. */
export interface ClientRequests {
  /**
   * Yields the requests, and returns their responses, in the same order. The first error ends the
   * wait: the responses after it may be missing. A request whose response is not wanted any more is
   * cancelled at the client.
   *
   * @param signal ends the wait with its reason
   * @throws {ProxyError} if a response does not come in time
   */
  ask(
    requests: readonly ClientRequest[],
    signal: AbortSignal,
  ): AsyncGenerator<Text, readonly (string | undefined)[]>;
  /** Takes a response of the client. */
  answer(response: Message): void;
  /** Ends every wait with an error. */
  close(error: ProxyError): void;
}

/** @param tell sends the client a message outside of any request */
export function createClientRequests(tell: (text: string) => void): ClientRequests {
  const open = new Map<Id, (response: Message) => void>();
  const waits = new Set<(error: unknown) => void>();
  let latest = 0;

  async function* ask(
    requests: readonly ClientRequest[],
    signal: AbortSignal,
  ): AsyncGenerator<Text, readonly (string | undefined)[]> {
    let resolve = () => {};
    let reject = (_error: unknown) => {};
    const answered = new Promise<void>((...settle) => [resolve, reject] = settle);
    answered.catch(() => {}); // It is awaited below, after the requests have been sent.
    const ids = requests.map(() => JSON.stringify(`mcp-oauth-proxy-${++latest}`));
    const responses = new Map<Id, string>();
    for (const id of ids) {
      open.set(id, (response) => {
        responses.set(id, stringOf(response.text));
        if (responses.size === ids.length || errorOf(response) !== undefined) resolve();
      });
    }
    const minutes = INPUT_WITHIN / 60_000;
    const timer = setTimeout(
      () => reject(noInput(`The client sent no input within ${minutes} minutes`)),
      INPUT_WITHIN,
    );
    const giveUp = () => reject(signal.reason);
    signal.addEventListener("abort", giveUp, { once: true });
    waits.add(reject);
    try {
      signal.throwIfAborted();
      for (const [index, id] of ids.entries()) yield requestLine(id, requests[index]);
      if (ids.length > 0) await answered;
      return ids.map((id) => responses.get(id));
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
      waits.delete(reject);
      for (const id of ids) {
        open.delete(id);
        if (!responses.has(id)) tell(cancellation(id));
      }
    }
  }

  return {
    ask,
    answer(response) {
      const [id] = response.responses;
      if (id === null || id === undefined) return;
      open.get(id)?.(response);
      open.delete(id);
    },
    close(error) {
      for (const reject of waits) reject(error);
    },
  };
}

/** The error of a request whose input did not come: the server may have begun to act on it. */
export function noInput(message: string): ProxyError {
  return new ProxyError("bad_response", message, { mayHaveRun: true });
}

function requestLine(id: Id, { method, params }: ClientRequest): string {
  const members = { method: JSON.stringify(method), ...(params === undefined ? {} : { params }) };
  return objectOf({ jsonrpc: '"2.0"', id, ...members });
}

function cancellation(id: Id): string {
  return notificationOf(METHOD.cancelled, objectOf({ requestId: id })).text;
}
