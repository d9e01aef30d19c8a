import { ProxyError, wrapped } from "../errors.ts";
import { type Id, idKey, type Message, paramOf } from "../json/jsonrpc.ts";
import { memberSpan } from "../json/spans.ts";
import { stringOf, type Text } from "../json/text.ts";
import { METHOD } from "../mcp/methods.ts";
import { changed } from "../upstream/reply.ts";
import type { Reply, Waiting } from "../upstream/upstream.ts";
import { type CallMessages, createCallMessages } from "./call_messages.ts";
import { answers } from "./capabilities.ts";
import { type LegacySession, UNSUPPORTED } from "./legacy_session.ts";
import {
  completed,
  notificationOf,
  objectOf,
  resultReply,
  withoutMetadata,
  withParams,
} from "./messages.ts";
import { readReceived, type Received } from "./received.ts";

/** A request that runs at a legacy server, over as many requests of the modern client as it takes. */
export interface LegacyCall {
  /** Sends it, and answers the client's first request. */
  begin(waiting: Waiting): Promise<Reply>;
  /**
   * Sends the client's answers to the server, and answers the request that brought them.
   *
   * @param inputs the client's `inputResponses`, each as it is written
   */
  resume(request: Message, inputs: ReadonlyMap<string, string>, waiting: Waiting): Reply;
  /** Adds a message that came outside of any response stream; `false` if too many wait. */
  add(message: Message): boolean;
  /** Whether a request of the client waits for it. */
  readonly isAttached: boolean;
  /** Whether its client can be asked for input: only some results may ask. */
  readonly canAsk: boolean;
  /** The token of its progress notifications. */
  readonly progressToken: unknown;
  /** Whether its client wants log messages. */
  readonly wantsLog: boolean;
  /** Cancels it at the server. */
  cancel(): Promise<void>;
}

/** What a call needs to know of the others. */
export interface CallOptions {
  readonly session: LegacySession;
  /** The client's request. */
  readonly message: Message;
  /** The id that the server sees. */
  readonly wireId: Id;
  /** Whether the client wants log messages. */
  readonly wantsLog: boolean;
  /** Keeps the call until its client comes back; gives the `requestState`. */
  hold(call: LegacyCall): Promise<string>;
  /** Called when the call is over. */
  onEnd(call: LegacyCall): void;
}

/** Creates a call, which has not been sent yet. */
export function createLegacyCall(options: CallOptions): LegacyCall {
  const { session, message, wireId, wantsLog, hold, onEnd } = options;
  const { method = "" } = message;
  const controller = new AbortController();
  /** What the server says; most calls are answered at once, and need none. */
  let opened: CallMessages | undefined;
  /** The server's requests that the client has not answered yet, by the keys that it knows. */
  const asked = new Map<string, { id: Id; request: string }>();
  let keys = 0;
  let isOver = false;
  /** The client's request that waits for the call. */
  let attached: Waiting | undefined;
  let onAsked = () => {};

  const messages = () => opened ??= createCallMessages();

  function end(): void {
    if (isOver) return;
    isOver = true;
    opened?.close();
    onEnd(call);
  }

  /** Cancels the call if the client gives up the request that waits for it. */
  function attach(waiting: Waiting): () => void {
    attached = waiting;
    const { signal } = waiting;
    const giveUp = () => void cancel();
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
    return () => {
      if (attached === waiting) attached = undefined;
      signal.removeEventListener("abort", giveUp);
    };
  }

  async function cancel(): Promise<void> {
    if (isOver) return;
    end();
    const params = objectOf({ requestId: wireId, reason: '"The client cancelled it"' });
    const notification = notificationOf(METHOD.cancelled, params);
    const signal = AbortSignal.timeout(CANCEL_WITHIN);
    const sent = session.upstream.send(notification, { signal, answered: () => true });
    controller.abort();
    await sent.catch(() => {}); // The server is gone, and the call with it.
  }

  async function begin(waiting: Waiting): Promise<Reply> {
    const detach = attach(waiting);
    const id = message.requests[0];
    const onWire = withoutMetadata(message, wireId === id ? undefined : wireId);
    const sent = session.upstream.send(onWire, {
      signal: controller.signal,
      answered: () => isOver,
    });
    const isAsked = new Promise<undefined>((resolve) => onAsked = () => resolve(undefined));
    try {
      const reply = await Promise.race([sent, isAsked]);
      if (reply && reply.kind !== "stream") {
        detach();
        end();
        return changed(reply, (text) => response(readReceived(text), id));
      }
    } catch (error) {
      detach();
      end();
      throw error;
    }
    void messages().receive(sent);
    return { kind: "stream", messages: relayed(message, detach) };
  }

  function response({ text, kind }: Received, id: Id): Text {
    if (kind !== "response") return text;
    return completed(text, method, session.serverInfo, wireId === id ? undefined : id);
  }

  /** What `request` is answered with: the server's messages, up to the response or a question. */
  async function* relayed(request: Message, detach: () => void): AsyncGenerator<Text> {
    try {
      for (let next = await messages().next(); !next.done; next = await messages().next()) {
        const received = next.value;
        if (received.kind === "response") {
          end();
          yield response(received, request.requests[0]);
          return;
        }
        if (received.message?.kind !== "request") yield* passedOn(received, request);
        else if (await ask(received.message)) {
          const asking = await question(request);
          detach(); // The end of this exchange does not cancel the call.
          yield asking;
          return;
        }
      }
      end();
    } catch (error) {
      end();
      throw request === message ? error : afterInput(error);
    } finally {
      detach();
    }
  }

  /** A message that answers nothing, if the client wants it. */
  function* passedOn({ text, message: notification }: Received, request: Message): Generator<Text> {
    if (notification?.method === METHOD.cancelled) {
      withdraw(idKey(paramOf(notification, "requestId")));
    } else if (notification?.method === METHOD.progress) {
      const token = progressTokenOf(request);
      if (token === progressTokenOf(message)) yield text;
      else if (token !== undefined) {
        yield withParams(notification, { params: { progressToken: JSON.stringify(token) } }).text;
      }
    } else if (wantsLog || notification?.method !== METHOD.log) yield text;
  }

  /** The server does not wait for the answer to a question any more. */
  function withdraw(id: Id | undefined): void {
    for (const [key, question] of asked) if (question.id === id) asked.delete(key);
  }

  /** Answers a request of the server if the client cannot; else it is the client's turn. */
  async function ask(question: Message): Promise<boolean> {
    const { method, requests: [id], text } = question;
    if (method === METHOD.ping) await session.answer(id, '"result":{}');
    else if (!call.canAsk || !answers(session.client, method, paramOf(question))) {
      await session.answer(id, UNSUPPORTED);
    } else {
      asked.set(`input-${++keys}`, { id, request: requestIn(stringOf(text)) });
      return true;
    }
    return false;
  }

  /** Asks the client for everything that is open. */
  async function question(request: Message): Promise<string> {
    attached = undefined;
    const inputRequests = objectOf(
      Object.fromEntries([...asked].map(([key, { request }]) => [key, request])),
    );
    let state: string;
    try {
      state = await hold(call);
      if (isOver) onEnd(call);
    } catch (error) {
      await cancel();
      throw error;
    }
    return resultReply(
      request.requests[0],
      objectOf({
        resultType: '"input_required"',
        inputRequests,
        requestState: JSON.stringify(state),
      }),
    );
  }

  function resume(
    request: Message,
    inputs: ReadonlyMap<string, string>,
    waiting: Waiting,
  ): Reply {
    const detach = attach(waiting);
    return { kind: "stream", messages: resumed(request, inputs, detach) };
  }

  async function* resumed(
    request: Message,
    inputs: ReadonlyMap<string, string>,
    detach: () => void,
  ): AsyncGenerator<Text> {
    try {
      for (const [key, { id }] of [...asked]) {
        const result = inputs.get(key);
        if (result === undefined) continue;
        asked.delete(key);
        // A server that has given up waiting has answered the call already.
        if (!messages().isComplete) await session.answer(id, `"result":${result}`);
      }
    } catch (error) {
      detach();
      await cancel();
      throw afterInput(error);
    }
    if (asked.size > 0 && !messages().isComplete) {
      const asking = await question(request); // For what it has left out.
      detach();
      yield asking;
      return;
    }
    yield* relayed(request, detach);
  }

  const call: LegacyCall = {
    begin,
    resume,
    cancel,
    canAsk: INPUT_METHODS.has(method),
    progressToken: progressTokenOf(message),
    wantsLog,
    get isAttached() {
      return attached !== undefined && !isOver;
    },
    add(received) {
      if (!messages().add({ text: received.text, kind: received.kind, message: received })) {
        return false;
      }
      onAsked();
      return true;
    },
  };
  return call;
}

/** Milliseconds that the server may take to accept a cancellation. */
const CANCEL_WITHIN = 5_000;

/** Requests that a modern server may answer with `input_required`. */
const INPUT_METHODS: ReadonlySet<string> = new Set([
  METHOD.callTool,
  METHOD.getPrompt,
  METHOD.readResource,
]);

function progressTokenOf(request: Message): unknown {
  return paramOf(request, "_meta", "progressToken");
}

/** The method and the parameters of a server's request, as they are written. */
function requestIn(text: string): string {
  const members = ["method", "params"].map((name) => [name, memberSpan(text, name)] as const)
    .filter(([, span]) => span !== undefined)
    .map(([name, span]) => [name, text.slice(...span!)]);
  return objectOf(Object.fromEntries(members));
}

/** A failure after the client has answered: sent again, the request would find its call gone. */
function afterInput(error: unknown): ProxyError {
  const { status } = error instanceof ProxyError ? error.details : {};
  const message = (words: string) => `The request failed after its input was sent: ${words}`;
  return wrapped(error, "bad_response", message, { status, mayHaveRun: true });
}
