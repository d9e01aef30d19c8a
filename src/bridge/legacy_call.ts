import { wrapped } from "../errors.ts";
import type { Id, Message } from "../json/jsonrpc.ts";
import type { Text } from "../json/text.ts";
import { METHOD } from "../mcp/methods.ts";
import { changed } from "../upstream/reply.ts";
import type { Reply, Waiting } from "../upstream/upstream.ts";
import { type CallMessages, createCallMessages } from "./call_messages.ts";
import { forClient, progressTokenOf } from "./call_notifications.ts";
import { afterInput } from "./input_rounds.ts";
import type { LegacySession } from "./legacy_session.ts";
import { withoutMetadata } from "./request_text.ts";
import { completed } from "./response_text.ts";
import { createServerQuestions } from "./server_questions.ts";
import { notificationOf, objectOf, resultReply } from "./written.ts";
import { BRIDGED_CANCEL_WITHIN } from "../limits.ts";

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
  const { method = "", requests: [firstId] } = message;
  const questions = createServerQuestions(session, INPUT_METHODS.has(method));
  const controller = new AbortController();
  /** What the server says; most calls are answered at once, and need none. */
  let opened: CallMessages | undefined;
  let isOver = false;
  /** The client's request that waits for the call. */
  let attached: Waiting | undefined;
  let onAdded = () => {};

  const messages = () => opened ??= createCallMessages();

  function end(): void {
    if (isOver) return;
    isOver = true;
    opened?.close();
    questions.close();
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
    const signal = AbortSignal.timeout(BRIDGED_CANCEL_WITHIN);
    const sent = session.upstream.send(notification, { signal, answered: () => true });
    controller.abort();
    await sent.catch(() => {}); // The server is gone, and the call with it.
  }

  async function begin(waiting: Waiting): Promise<Reply> {
    const detach = attach(waiting);
    const sent = session.upstream.send(
      withoutMetadata(message, wireId === firstId ? undefined : wireId),
      { signal: controller.signal, answered: () => isOver },
    );
    try {
      const isAdded = new Promise<undefined>((resolve) => onAdded = () => resolve(undefined));
      const reply = await Promise.race([sent, isAdded]);
      if (reply && reply.kind !== "stream") {
        detach();
        end();
        return changed(reply, (text) => response(text, firstId));
      }
    } catch (error) {
      detach();
      end();
      throw error;
    }
    void messages().receive(sent);
    return { kind: "stream", messages: relayed(message, detach) };
  }

  function response(text: Text, id: Id): Text {
    return completed(text, method, session.serverInfo, wireId === id ? undefined : id);
  }

  /** What `request` is answered with: the server's messages, up to the response or a question. */
  async function* relayed(request: Message, detach: () => void): AsyncGenerator<Text> {
    try {
      for (let next = await messages().next(); !next.done; next = await messages().next()) {
        const { kind, text, message: received, isShared } = next.value;
        if (kind === "response") {
          end();
          return yield response(text, request.requests[0]);
        } else if (received?.kind !== "request") {
          const wanted = received
            ? forClient(received, { first: message, current: request, wantsLog })
            : text;
          if (wanted !== undefined) yield wanted;
        } else if (await isTaken(received, isShared)) {
          return yield await asking(request, detach);
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

  /**
   * Takes a question. If the server does not accept the proxy's own answer to it, the call would wait
   * for one, and must not be sent again.
   */
  async function isTaken(question: Message, isShared?: boolean): Promise<boolean> {
    try {
      return await questions.take(question, isShared);
    } catch (error) {
      await cancel();
      const message = (words: string) =>
        `The call was cancelled: the server did not accept the answer to its ${question.method}: ${words}`;
      throw wrapped(error, "bad_response", message, { mayHaveRun: true });
    }
  }

  /** Answers `request` with the open questions. The end of that exchange does not cancel the call. */
  async function asking(request: Message, detach: () => void): Promise<string> {
    attached = undefined;
    const { inputRequests } = questions;
    let requestState: string;
    try {
      requestState = JSON.stringify(await hold(call));
      if (isOver) onEnd(call);
    } catch (error) {
      await cancel();
      throw error;
    }
    detach();
    const result = objectOf({ resultType: '"input_required"', inputRequests, requestState });
    return resultReply(request.requests[0], result);
  }

  async function* resumed(
    request: Message,
    inputs: ReadonlyMap<string, string>,
    detach: () => void,
  ): AsyncGenerator<Text> {
    // A server that has given up waiting has answered the call already.
    const isAwaited = () => !messages().isComplete;
    try {
      await questions.answer(inputs, isAwaited);
    } catch (error) {
      detach();
      await cancel();
      throw afterInput(error);
    }
    if (questions.size > 0 && isAwaited()) yield await asking(request, detach);
    else yield* relayed(request, detach);
  }

  const call: LegacyCall = {
    begin,
    resume: (request, inputs, waiting) => ({
      kind: "stream",
      messages: resumed(request, inputs, attach(waiting)),
    }),
    cancel,
    canAsk: INPUT_METHODS.has(method),
    progressToken: progressTokenOf(message),
    wantsLog,
    get isAttached() {
      return attached !== undefined && !isOver;
    },
    add(received) {
      const { text, kind } = received;
      if (!messages().add({ text, kind, message: received, isShared: true })) return false;
      onAdded();
      return true;
    },
  };
  return call;
}

/** Requests that a modern server may answer with `input_required`. */
const INPUT_METHODS: ReadonlySet<string> = new Set([
  METHOD.callTool,
  METHOD.getPrompt,
  METHOD.readResource,
]);
