import { withTimeout } from "../async/timing.ts";
import { messageOf } from "../errors.ts";
import type { Message } from "../json/jsonrpc.ts";
import { logFault } from "../log/fault.ts";
import type { Log } from "../log/log.ts";
import { sendWithRetry } from "../upstream/retry_policy.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { each, type Lingering } from "./lingering.ts";
import { createSlots, type Slots } from "./slots.ts";
import { ANSWER_WITHIN, MAX_ONE_WAY } from "../limits.ts";

/** Sends messages that have no answer. A failure is logged. */
export interface OneWay {
  /** Sends a notification after those before it. */
  sendInOrder(message: Message): Promise<void>;
  /** Sends a response or a cancellation, which does not wait for the notifications. */
  sendAtOnce(message: Message): Promise<void>;
  /** Resolves when the waiting messages hold no more bytes than allowed. */
  calm(): Promise<unknown>;
}

/** Creates the sender. */
export function createOneWay({ upstream, lingering, log, requestTimeout = ANSWER_WITHIN }: {
  upstream: Upstream;
  lingering: Lingering;
  log: Log;
  /** Milliseconds that a request may take; messages without an answer may not take longer. */
  requestTimeout?: number;
}): OneWay {
  const atOnce = createSlots(MAX_ONE_WAY);
  const inOrder = createSlots(1);

  async function sendInTurn(turns: Slots, message: Message): Promise<void> {
    const turn = turns.acquire(message.text.length);
    if (turn) await turn;
    try {
      await sendOneWay(message);
    } finally {
      turns.release();
    }
  }

  async function sendOneWay(message: Message): Promise<void> {
    try {
      await withTimeout(
        Math.min(ANSWER_WITHIN, requestTimeout),
        (signal, controller) =>
          sendWithRetry(message, signal, async () => {
            const reply = await upstream.send(message, { signal, answered: () => true });
            if (reply.kind !== "stream") return;
            lingering.drainAfterAnswer(each(reply.messages), controller);
          }),
      );
    } catch (error) {
      if (logFault(log, error)) return;
      const name = message.method ?? message.kind;
      log.warn("OAuth Proxy", `${name} not accepted: ${messageOf(error)}`);
    }
  }

  return {
    sendInOrder: (message) => sendInTurn(inOrder, message),
    sendAtOnce: (message) => sendInTurn(atOnce, message),
    calm: () => Promise.all([atOnce.calm(), inOrder.calm()]),
  };
}
