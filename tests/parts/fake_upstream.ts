import { createQueue, type Queue } from "../../src/async/queue.ts";
import { type Message, parseMessage } from "../../src/json/jsonrpc.ts";
import { stringOf, type Text } from "../../src/json/text.ts";
import type { Reply, Upstream, Waiting } from "../../src/upstream/upstream.ts";
import { History } from "./history.ts";

/** A message that the code under test has sent to the server. */
export interface Sent {
  readonly text: string;
  readonly method: string;
  readonly message: Message;
  readonly signal: AbortSignal;
}

/** What the server says to a message. */
export type FakeAnswer = (sent: Sent) => Reply | Promise<Reply>;

/** A server without HTTP, for tests of what is put in front of it. */
export interface FakeUpstream extends Upstream {
  readonly sent: History<Sent>;
  /** The messages of a method so far; `response` for responses. */
  received(method: string): Sent[];
  /** Says something outside of any reply. */
  tell(message: unknown): Promise<void>;
  /** Resolves when the code under test listens. */
  readonly listening: Promise<void>;
  readonly isClosed: boolean;
}

/** Creates one. @param answers by method; requests without one are answered with `{}` */
export function createFakeUpstream(answers: Readonly<Record<string, FakeAnswer>>): FakeUpstream {
  const sent = new History<Sent>("fake upstream");
  const own = createQueue<string>();
  const listening = Promise.withResolvers<void>();
  let isClosed = false;
  return {
    sent,
    received: (method) => [...sent].filter((message) => message.method === method),
    async send(message: Message, { signal }: Waiting) {
      const method = message.method ?? message.kind;
      const received = { text: stringOf(message.text), method, message, signal };
      sent.record(received);
      signal.throwIfAborted();
      const answer = answers[method];
      if (answer) return await answer(received);
      return message.kind === "request" ? result(received, {}) : { kind: "none", messages: [] };
    },
    async *listen(signal, onOpen) {
      onOpen?.();
      listening.resolve();
      signal.addEventListener("abort", () => own.end(), { once: true });
      yield* own;
    },
    tell: (message) => own.push(JSON.stringify(message)),
    listening: listening.promise,
    get isClosed() {
      return isClosed;
    },
    close() {
      isClosed = true;
      return Promise.resolve();
    },
  };
}

/** A single answer with a result. */
export function result({ message }: Sent, value: unknown): Reply {
  const { requests: [id] } = message;
  return single(`{"jsonrpc":"2.0","id":${id},"result":${JSON.stringify(value)}}`);
}

/** A single answer with an error. */
export function failure({ message }: Sent, code: number, text = "no"): Reply {
  const error = JSON.stringify({ code, message: text });
  return single(`{"jsonrpc":"2.0","id":${message.requests[0]},"error":${error}}`);
}

/** A single answer as it is written. */
export function single(text: string): Reply {
  return { kind: "single", messages: [text] };
}

/** A reply that the test writes as it goes. */
export interface OpenReply {
  readonly reply: Reply;
  readonly messages: Queue<Text>;
  send(message: unknown): Promise<void>;
}

/** Creates a stream. */
export function openReply(): OpenReply {
  const messages = createQueue<Text>();
  return {
    reply: { kind: "stream", messages },
    messages,
    send: (message) => messages.push(JSON.stringify(message)),
  };
}

/** A client that waits for a reply. */
export function waitingClient(): { waiting: Waiting; abort(): void } {
  const controller = new AbortController();
  return {
    waiting: { signal: controller.signal, answered: () => false },
    abort: () => controller.abort(),
  };
}

/** Reads a message that a test writes as a value or as text. */
export function messageOf(value: unknown): Message {
  return parseMessage(typeof value === "string" ? value : JSON.stringify(value));
}

/** A reply, message by message. */
export interface Reading {
  // deno-lint-ignore no-explicit-any -- tests assert on what they expect to be there
  next(): Promise<any>;
  /** What is left. */
  // deno-lint-ignore no-explicit-any -- as above
  rest(): Promise<any[]>;
}

/** Reads a reply. */
export function reading(reply: Reply): Reading {
  async function* each() {
    for await (const text of reply.messages) yield JSON.parse(stringOf(text));
  }
  const messages = each();
  return {
    next: async () => (await messages.next()).value,
    rest: () => Array.fromAsync({ [Symbol.asyncIterator]: () => messages }),
  };
}
