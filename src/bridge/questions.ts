import { ProxyError } from "../errors.ts";
import { errorReply, type Id, type Message } from "../json/jsonrpc.ts";
import { memberSpan } from "../json/spans.ts";
import { stringOf, type Text } from "../json/text.ts";
import { membersOf } from "../json/edit.ts";
import { METHOD } from "../mcp/methods.ts";
import { answers, type Capabilities } from "./capabilities.ts";
import { answering, type Members, notificationOf, objectOf } from "./messages.ts";

/** Rounds of one request in which the server asks for something. */
const MAX_ROUNDS = 32;
/** Rounds in a row in which it asks for nothing. */
const MAX_EMPTY_ROUNDS = 10;

/** The answers of one round: what the repeated request adds to its parameters, and its id. */
export interface Answered {
  readonly params: Members;
  readonly id: Id;
}

/** The rounds of one request. */
export interface Rounds {
  /** A message of the server, with the id that the client waits for if it is a response. */
  addressed(text: Text): Text;
  /**
   * Yields the server's requests to the client, and returns the answers.
   *
   * @param result the server's `input_required` result, as it is written
   * @returns nothing if the client answered with an error, which ends the request
   */
  ask(result: string, signal: AbortSignal): AsyncGenerator<Text, Answered | undefined>;
}

/** What a modern server asks for in results, as requests to a legacy client. */
export interface Questions {
  /** Takes the client's response to a request. */
  answer(response: Message): void;
  /** Begins the rounds of a request. */
  rounds(message: Message): Rounds;
}

/**
 * @param client the client's capabilities
 * @param tell sends the client a message outside of any request
 */
export function createQuestions(
  client: () => Capabilities,
  tell: (text: string) => void,
): Questions {
  const open = new Map<Id, (response: Message) => void>();
  let latest = 0;

  const nextId = () => JSON.stringify(`mcp-oauth-proxy-${++latest}`);

  function answered(id: Id, signal: AbortSignal): Promise<Message> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        open.delete(id);
        tell(stringOf(notificationOf(METHOD.cancelled, `{"requestId":${id}}`).text));
        reject(signal.reason);
      };
      if (signal.aborted) return abort();
      signal.addEventListener("abort", abort, { once: true });
      open.set(id, (response) => {
        open.delete(id);
        signal.removeEventListener("abort", abort);
        resolve(response);
      });
    });
  }

  function rounds({ requests: [original], method }: Message): Rounds {
    let count = 0;
    let empty = 0;

    function questionsIn(result: string): Map<string, string> {
      const span = memberSpan(result, "inputRequests");
      const asked = span && result[span[0]] === "{"
        ? membersOf(result, result, span[0])
        : new Map<string, string>();
      empty = asked.size === 0 ? empty + 1 : 0;
      if (++count > MAX_ROUNDS || empty > MAX_EMPTY_ROUNDS) {
        throw refusal(`The MCP server asks for input again and again (${method})`);
      }
      for (const request of asked.values()) {
        const { method: name, params } = JSON.parse(request);
        if (!answers(client(), name, params)) {
          const url = params?.mode === "url" ? " by URL" : "";
          throw refusal(`The MCP server asks for ${name}${url}, which the client does not support`);
        }
      }
      return asked;
    }

    async function* ask(
      result: string,
      signal: AbortSignal,
    ): AsyncGenerator<Text, Answered | undefined> {
      const asked = questionsIn(result);
      const waiting = [...asked].map(([key, request]) => {
        const id = nextId();
        const response = answered(id, signal);
        response.catch(() => {}); // It is awaited below, unless another one fails first.
        return { key, response, text: `{"jsonrpc":"2.0","id":${id},${request.trim().slice(1)}` };
      });
      for (const { text } of waiting) yield text;
      const inputs: Record<string, string> = {};
      for (const { key, response } of waiting) {
        const text = stringOf((await response).text);
        const value = memberSpan(text, "result");
        if (!value) {
          const { code, message, data } = JSON.parse(text).error;
          yield errorReply(original, { code, message, data });
          return undefined;
        }
        inputs[key] = text.slice(...value);
      }
      const state = memberSpan(result, "requestState");
      return {
        id: nextId(),
        params: {
          ...(asked.size > 0 ? { inputResponses: objectOf(inputs) } : {}),
          ...(state ? { requestState: result.slice(...state) } : {}),
        },
      };
    }

    return {
      ask,
      addressed: (text) => count > 0 && isResponse(text) ? answering(text, original) : text,
    };
  }

  return {
    rounds,
    answer({ responses: [id], ...message }) {
      if (id !== null && id !== undefined) open.get(id)?.({ ...message, responses: [id] });
    },
  };
}

function refusal(message: string): ProxyError {
  return new ProxyError("bad_response", message, { mayHaveRun: true });
}

function isResponse(text: Text): boolean {
  const written = stringOf(text).trim();
  return written.startsWith("{") && memberSpan(written, "method") === undefined;
}
