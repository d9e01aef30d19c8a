import { createQueue } from "../async/queue.ts";
import type { Text } from "../json/text.ts";
import type { Reply } from "../upstream/upstream.ts";
import { readReceived, type Received } from "./received.ts";
import { MAX_CALL_WAITING } from "../limits.ts";

/** What the server sends for one call, in order. What is not read yet is bounded. */
export interface CallMessages {
  /** Takes the messages of the server's reply, up to the response. Never rejects. */
  receive(reply: Promise<Reply>): Promise<void>;
  /** Adds a message that came outside of the reply; returns `false` if too much waits already. */
  add(message: Received): boolean;
  /** The next message. */
  next(): Promise<IteratorResult<Received>>;
  /** Whether the server has answered the call, or failed to. */
  readonly isComplete: boolean;
  /** Drops everything; whoever waits for a message gets none. */
  close(): void;
}

/** Creates an empty list of messages. */
export function createCallMessages(): CallMessages {
  const queue = createQueue<Received>();
  const messages = queue[Symbol.asyncIterator]();
  let waiting = 0;
  let isComplete = false;

  async function receive(reply: Promise<Reply>): Promise<void> {
    try {
      for await (const text of (await reply).messages) if (await take(text)) break;
      isComplete = true;
      queue.end();
    } catch (error) {
      isComplete = true;
      queue.end(error);
    }
  }

  /** Resolves when the server may go on; @returns whether it was the last message. */
  async function take(text: Text): Promise<boolean> {
    const received = readReceived(text);
    const read = push(received);
    // A response does not wait to be read: on an HTTP+SSE stream, other calls are next.
    if (received.kind === "response") return true;
    if (waiting > MAX_CALL_WAITING) await read;
    return false;
  }

  async function push(received: Received): Promise<void> {
    const { length } = received.text;
    waiting += length;
    await queue.push(received);
    waiting -= length;
  }

  return {
    receive,
    add(received) {
      if (waiting > 0 && waiting + received.text.length > MAX_CALL_WAITING) return false;
      void push(received);
      return true;
    },
    next: () => messages.next(),
    get isComplete() {
      return isComplete;
    },
    close() {
      queue.drop();
      // Otherwise the sender of the latest message would wait for ever.
      void messages.return?.();
    },
  };
}
