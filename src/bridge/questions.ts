import { ProxyError } from "../errors.ts";
import { errorReply, type Id, type Message } from "../json/jsonrpc.ts";
import { memberSpan } from "../json/spans.ts";
import { stringOf, type Text } from "../json/text.ts";
import { membersOf } from "../json/edit.ts";
import { METHOD } from "../mcp/methods.ts";
import { answers, asObject, type Capabilities } from "./capabilities.ts";
import { INPUT_WITHIN, MAX_EMPTY_ROUNDS, MAX_QUESTIONS, MAX_ROUNDS } from "./limits.ts";
import { answering, type Members, notificationOf, objectOf } from "./messages.ts";
import { readReceived } from "./received.ts";

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
      if (asked.size > MAX_QUESTIONS) {
        throw refusal(`The MCP server asks for ${asked.size} inputs at once (${method})`);
      }
      for (const request of asked.values()) {
        const { method: name, params } = asObject(JSON.parse(request));
        if (!answers(client(), name, params)) {
          const url = asObject(params).mode === "url" ? " by URL" : "";
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
      const over = new AbortController();
      const timer = setTimeout(() => {
        over.abort(refusal(`The client sent no input within ${INPUT_WITHIN / 60_000} minutes`));
      }, INPUT_WITHIN);
      const until = AbortSignal.any([signal, over.signal]);
      const waiting = [...asked].map(([key, request]) => {
        const id = nextId();
        const response = answered(id, until);
        response.catch(() => {}); // It is awaited below, unless another one fails first.
        return { key, response, text: requestLine(id, request) };
      });
      const inputs: [key: string, result: string][] = [];
      try {
        for (const { text } of waiting) yield text;
        for (const { key, response } of waiting) {
          const text = stringOf((await response).text);
          const value = memberSpan(text, "result");
          if (!value) {
            yield errorReply(original, errorIn(text));
            return undefined;
          }
          inputs.push([key, text.slice(...value)]);
        }
      } finally {
        clearTimeout(timer);
        over.abort(); // Withdraws what the client has not answered.
      }
      const state = memberSpan(result, "requestState");
      return {
        id: nextId(),
        params: {
          ...(asked.size > 0 ? { inputResponses: objectOf(Object.fromEntries(inputs)) } : {}),
          ...(state ? { requestState: result.slice(...state) } : {}),
        },
      };
    }

    return {
      ask,
      addressed(text) {
        const isResponse = count > 0 && readReceived(text).kind === "response";
        return isResponse ? answering(text, original) : text;
      },
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

/** An input request as a JSON-RPC request: its method and parameters as they are written. */
function requestLine(id: Id, request: string): string {
  const members = membersOf(request, request, 0);
  const params = members.get("params");
  const written = { method: members.get("method")!, ...(params === undefined ? {} : { params }) };
  return objectOf({ jsonrpc: '"2.0"', id, ...written });
}

/** The error in the client's response. */
function errorIn(text: string): { code: number; message: string; data?: unknown } {
  const { code, message, data } = asObject(asObject(JSON.parse(text)).error);
  return { code: Number(code), message: String(message), data };
}
