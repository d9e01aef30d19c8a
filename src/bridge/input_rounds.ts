/** Sends a call of a legacy client again, with the input that the server asks for. */

import { ProxyError, wrapped } from "../errors.ts";
import { isJson } from "../json/check.ts";
import { membersOf } from "../json/edit.ts";
import type { Id, Message } from "../json/jsonrpc.ts";
import { memberSpan, memberText } from "../json/spans.ts";
import { stringOf, type Text } from "../json/text.ts";
import type { Reply, Waiting } from "../upstream/upstream.ts";
import { answers, type Capabilities } from "./capabilities.ts";
import { asObject } from "../json/value.ts";
import { type ClientRequest, type ClientRequests, noInput } from "./client_requests.ts";
import { MAX_EMPTY_ROUNDS, MAX_QUESTIONS, MAX_ROUNDS } from "../limits.ts";
import { answering } from "./response_text.ts";
import { type Members, objectOf } from "./written.ts";
import { readReceived } from "./received.ts";

/** What a request needs to be sent again with its input. */
export interface RoundsOptions {
  /** The client's request. */
  readonly message: Message;
  /** The server's reply to it. */
  readonly first: Reply;
  readonly waiting: Waiting;
  /** The client's capabilities. */
  readonly capabilities: Capabilities;
  /** Asks the client. */
  readonly requests: ClientRequests;
  /** Sends the request again, with members added to its parameters, and a new id. */
  readonly sendAgain: (params: Members) => Promise<Reply>;
}

/** Whether a reply has to be read for results that ask for input. A quick look, since few do. */
export function mayAskForInput(reply: Reply): boolean {
  return reply.kind === "stream" || reply.messages.some(mentionsInput);
}

/**
 * The messages of a request until its result is complete: a result that asks for input becomes
 * requests to the client, and with their responses the request is sent again.
 *
 * @throws {ProxyError} if the server asks for what the client does not support, or without end
 */
export async function* untilComplete(options: RoundsOptions): AsyncGenerator<Text> {
  const { message: { method = "", requests: [id] }, waiting, capabilities, requests } = options;
  const checkLimits = createLimits(method);
  let reply = options.first;
  for (let isFirst = true;; isFirst = false) {
    const result = yield* isFirst ? untilInput(reply) : answeringAgain(reply, id);
    if (result === undefined) return;
    const questions = questionsIn(result);
    checkLimits(questions.size);
    for (const question of questions.values()) checkSupport(question, capabilities);
    const responses = yield* requests.ask([...questions.values()], waiting.signal);
    const failed = responses.find((text) => text !== undefined && !memberSpan(text, "result"));
    if (failed !== undefined) return yield answering(failed, id);
    const results = responses.map((text) => memberText(text ?? "", "result") ?? "null");
    const inputs = [...questions.keys()].map((key, index) => [key, results[index]]);
    const state = memberSpan(result, "requestState");
    const params = {
      ...(inputs.length > 0 ? { inputResponses: objectOf(Object.fromEntries(inputs)) } : {}),
      ...(state ? { requestState: result.slice(...state) } : {}),
    };
    reply = await options.sendAgain(params).catch((error) => {
      throw afterInput(error);
    });
  }
}

/** The messages of a reply; returns the result that asks for input, if one does. */
async function* untilInput({ messages }: Reply): AsyncGenerator<Text, string | undefined> {
  for await (const text of messages) {
    const result = mentionsInput(text) ? inputResult(text) : undefined;
    if (result !== undefined) return result;
    yield text;
  }
}

/** The same for a request that was sent again: its response gets the client's id. */
async function* answeringAgain(
  reply: Reply,
  id: Id,
): AsyncGenerator<Text, string | undefined> {
  let isAnswered = false;
  try {
    const messages = untilInput(reply);
    let next = await messages.next();
    for (; !next.done; next = await messages.next()) {
      const isResponse = readReceived(next.value).kind === "response";
      isAnswered ||= isResponse;
      yield isResponse ? answering(next.value, id) : next.value;
    }
    if (next.value !== undefined || isAnswered) return next.value;
  } catch (error) {
    throw afterInput(error);
  }
  throw noInput(
    "The request failed after its input was sent: the stream ended before the response",
  );
}

function mentionsInput(text: Text): boolean {
  return text.includes("input_required");
}

/** The result of a response that asks for input, as it is written. */
function inputResult(text: Text): string | undefined {
  const received = readReceived(text);
  if (received.kind !== "response" || !received.message && !isJson(text)) return undefined;
  const written = stringOf(received.text).trim();
  const result = memberSpan(written, "result");
  const type = result && written[result[0]] === "{" && memberSpan(written, "resultType", result[0]);
  const asks = type && written.slice(...type) === '"input_required"';
  return asks ? written.slice(...result) : undefined;
}

/** What a result asks for, by the server's keys. */
function questionsIn(result: string): ReadonlyMap<string, ClientRequest> {
  const span = memberSpan(result, "inputRequests");
  if (!span || result[span[0]] !== "{") return new Map();
  const members = [...membersOf(result, result, span[0])];
  return new Map(members.map(([key, request]) => {
    const { method } = asObject(JSON.parse(request));
    const params = memberSpan(request, "params");
    return [key, { method: String(method), params: params && request.slice(...params) }];
  }));
}

function checkSupport({ method, params = "{}" }: ClientRequest, client: Capabilities): void {
  const parsed = JSON.parse(params);
  if (answers(client, method, parsed)) return;
  const byUrl = asObject(parsed).mode === "url" ? " by URL" : "";
  throw noInput(`The MCP server asks for ${method}${byUrl}, which the client does not support`);
}

/** Creates the check that is called with the number of questions of each round. */
function createLimits(method: string): (questions: number) => void {
  let rounds = 0;
  let empty = 0;
  return (questions) => {
    empty = questions === 0 ? empty + 1 : 0;
    if (++rounds > MAX_ROUNDS || empty > MAX_EMPTY_ROUNDS) {
      throw noInput(`The MCP server asks for input again and again (${method})`);
    }
    if (questions > MAX_QUESTIONS) {
      throw noInput(`The MCP server asks for ${questions} inputs at once (${method})`);
    }
  };
}

/** A failure after the user has answered: to send the request again would ask the user again. */
export function afterInput(error: unknown): ProxyError {
  const details = error instanceof ProxyError ? error.details : {};
  const message = (words: string) => `The request failed after its input was sent: ${words}`;
  return wrapped(error, "bad_response", message, {
    ...details,
    retryAfter: undefined,
    mayHaveRun: true,
  });
}
