import { ProxyError, wrapped } from "../../errors.ts";
import { boundedText, isSuccess, mediaType } from "../../http/http.ts";
import { isJson } from "../../json/check.ts";
import type { Id, Message } from "../../json/jsonrpc.ts";
import { createQueue, type Queue } from "../../async/queue.ts";
import type { HttpResponse } from "../../runtime/types.ts";
import { connectionFailure, contentOf, type Endpoint, ignoreBody, notSent } from "../endpoint.ts";
import { type HttpFailure, readFailure } from "../http_failure.ts";
import { BROKEN_ANSWER, failureReply } from "../reply.ts";
import { isSessionLost } from "../session.ts";
import type { Reply } from "../upstream.ts";
import { answeredIds, brokenAnswerTo } from "./addressee.ts";

/** One stream of the 2024-11-05 transport, and the requests whose answers come on it. */
export interface HttpSseConnection {
  /**
   * Sends a message.
   *
   * @throws {ProxyError} if there is no reply
   */
  post(message: Message, signal: AbortSignal): Promise<Reply>;
  /** Whether an answer is to come on the stream. */
  isAwaited(): boolean;
  /** Resolves when the stream has ended and all waiting requests have failed. */
  readonly ended: Promise<void>;
}

/** A message whose answers are awaited. */
interface Pending {
  readonly answers: Queue<string>;
  /** Whether its POST is over, so that the answers are read. */
  isPosted: boolean;
  /** Stops listening for the end of the exchange. */
  release(): void;
}

/**
 * Reads a stream from now on.
 *
 * @param endpoint where messages are POSTed
 * @param messages the server's messages on the stream
 * @param own takes what is not an answer; the stream is read on when it has resolved
 * @param close ends the stream
 */
export function createHttpSseConnection(
  endpoint: Endpoint,
  messages: AsyncIterable<string>,
  own: (text: string) => Promise<void>,
  close: () => void,
): HttpSseConnection {
  const pending = new Map<Id, Pending>();
  let isOver = false;

  async function pump(): Promise<void> {
    let cause: unknown = new Error("it was closed");
    try {
      for await (const text of messages) await dispatch(text);
    } catch (error) {
      cause = error;
      close();
    }
    isOver = true;
    const message = (words: string) => `The response stream ended: ${words}`;
    const failure = wrapped(cause, "interrupted", message, { mayHaveRun: true });
    for (const { answers, release } of pending.values()) {
      release();
      answers.end(failure);
    }
    pending.clear();
  }

  /** Resolves when the client has the message: that keeps the order, and slows the server down. */
  async function dispatch(text: string): Promise<void> {
    const ids = answeredIds(text, pending);
    if (ids.length > 0) return await answer(ids, text);
    const broken = brokenAnswerTo(text, pending);
    if (broken === undefined) return await own(text);
    pending.get(broken)?.release();
    pending.get(broken)?.answers.end(BROKEN_ANSWER);
    pending.delete(broken);
  }

  /** Gives a message to the first request that it answers; the relay settles the others. */
  async function answer(ids: readonly Id[], text: string): Promise<void> {
    const found = ids.map((id) => pending.get(id)).find((pending) => pending !== undefined);
    if (!found) return;
    for (const id of ids) if (pending.get(id) === found) pending.delete(id);
    const isLast = ![...pending.values()].includes(found);
    const read = found.answers.push(text);
    if (isLast) {
      found.answers.end();
      // A request that is aborted before its answer was read does not hold up the stream.
      read.then(found.release);
    }
    // Some servers answer before they accept the POST; other answers must not wait for that.
    if (found.isPosted) await read;
  }

  async function post(message: Message, signal: AbortSignal): Promise<Reply> {
    if (isOver) throw notSent(new Error("the response stream ended"), endpoint.url);
    const release = () => signal.removeEventListener("abort", drop);
    const mine: Pending = { answers: createQueue(), isPosted: false, release };
    const drop = () => {
      release();
      for (const id of message.requests) if (pending.get(id) === mine) pending.delete(id);
      mine.answers.drop();
    };
    for (const id of message.requests) pending.set(id, mine);
    signal.addEventListener("abort", drop, { once: true });
    try {
      const headers = { "content-type": "application/json" };
      const response = await endpoint.request("POST", headers, signal, contentOf(message));
      if (!isSuccess(response.status)) {
        const reply = failureReply(message, await readRefusal(response));
        drop();
        return reply;
      }
      const answer = await readAnswer(message, response);
      if (answer !== undefined) {
        drop();
        return { kind: "single", messages: [answer] };
      }
      mine.isPosted = true;
    } catch (error) {
      drop();
      throw error;
    }
    if (message.requests.length === 0) release();
    return message.requests.length > 0
      ? { kind: "stream", messages: mine.answers }
      : { kind: "none", messages: [] };
  }

  /** The answer that some servers give as the response to the POST, instead of on the stream. */
  async function readAnswer(
    { requests }: Message,
    response: HttpResponse,
  ): Promise<string | undefined> {
    if (requests.length === 0 || mediaType(response) !== "application/json") {
      await ignoreBody(response);
      return undefined;
    }
    const text = await boundedText(response, endpoint.maxMessage).catch((error) => {
      throw connectionFailure(error, endpoint.url);
    });
    const waiting = new Map(requests.map((id) => [id, true]));
    if (!isJson(text) && brokenAnswerTo(text, waiting) !== undefined) throw BROKEN_ANSWER;
    return answeredIds(text, waiting).length > 0 ? text : undefined;
  }

  /** A server that lost the session does not need its stream either. */
  async function readRefusal(response: HttpResponse): Promise<HttpFailure> {
    const refusal = await readFailure(response, endpoint.url);
    if (!isSessionLost({ id: endpoint.url }, refusal)) return refusal;
    close();
    const { message, details } = refusal.failure;
    throw new ProxyError("unreachable", message, details, refusal.failure);
  }

  return { post, isAwaited: () => pending.size > 0, ended: pump() };
}
