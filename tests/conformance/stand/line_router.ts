/** A proxy's process that several HTTP requests share: which of its lines belongs to which of them. */

import { type Proxy, startProxy } from "../../parts/proxy.ts";

/** A JSON-RPC message. */
// deno-lint-ignore no-explicit-any -- whatever the other side sends
export type Message = any;

/** Identifies a request inside a proxy's process. */
export type Id = string | number;

/** Where a request's messages go, the last of which is its response. */
export type Receiver = (message: Message) => void;

/** Longer than the suite takes for all its scenarios, in milliseconds. */
const LIMIT = 300_000;

/** A proxy, and the requests that it is busy with. */
export interface LineRouter extends AsyncDisposable {
  /** Whether a request of this id is under way. */
  has(id: Id): boolean;
  /** Sends a request; its notifications and its response go to `receive`. */
  request(message: Message, receive: Receiver): Promise<void>;
  /** Sends a notification or a response. */
  send(message: Message): Promise<void>;
  /** Cancels a request; nothing more of it is expected. */
  cancel(id: Id): Promise<void>;
}

/**
 * Starts a proxy.
 *
 * @param unsolicited takes messages that belong to no single request
 */
export function startRouter(
  env: Record<string, string>,
  unsolicited: (message: Message) => void = () => {},
): LineRouter {
  const proxy = startProxy({ env, timeoutMs: LIMIT });
  const busy = new Map<Id, { message: Message; receive: Receiver }>();
  let ended = false;
  const routed = route(proxy, (message) => {
    const id = "method" in message ? requestOf(message) : message.id;
    const receive = busy.get(id)?.receive ?? unsolicited;
    if (!("method" in message)) busy.delete(id);
    receive(message);
  }).then(() => {
    ended = true;
    for (const { message, receive } of busy.values()) receive(gone(message));
    busy.clear();
  });

  /**
   * stdio does not say which request a server's message belongs to, unless it names a progress token or
   * a subscription. Of what is left, a proxy with a single request under way leaves no doubt.
   */
  function requestOf({ params }: Message): Id | undefined {
    const subscription = params?._meta?.["io.modelcontextprotocol/subscriptionId"];
    const token = params?.progressToken;
    for (const [id, { message }] of busy) {
      if (subscription !== undefined && String(id) === String(subscription)) return id;
      if (token !== undefined && message.params?._meta?.progressToken === token) return id;
    }
    const [only, ...others] = busy.keys();
    return subscription === undefined && others.length === 0 ? only : undefined;
  }

  // What cannot be written to a proxy that has gone is answered where its stdout ends.
  const send = (message: Message) => proxy.send(message).catch(() => {});

  return {
    has: (id) => busy.has(id),
    async request(message, receive) {
      if (ended) return receive(gone(message));
      busy.set(message.id, { message, receive });
      await send(message);
    },
    send,
    async cancel(requestId) {
      busy.delete(requestId);
      await send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId } });
    },
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await routed;
    },
  };
}

/** What the stand answers in place of a proxy that is no longer there. */
function gone({ id }: Message): Message {
  return { jsonrpc: "2.0", id, error: { code: -32000, message: "The proxy has ended" } };
}

async function route(proxy: Proxy, take: (message: Message) => void): Promise<void> {
  for (;;) {
    const line = await proxy.next().catch(() => undefined);
    if (!line) return;
    take(line.message);
  }
}
