import { type Id, type Message, paramOf } from "../json/jsonrpc.ts";
import { memberSpan } from "../json/spans.ts";
import { stringOf } from "../json/text.ts";
import { METHOD } from "../mcp/methods.ts";
import { answers } from "./capabilities.ts";
import { type LegacySession, UNSUPPORTED } from "./legacy_session.ts";
import { objectOf } from "./written.ts";

/** Requests of a legacy server during a call, which the client answers with its next request. */
export interface ServerQuestions {
  /** How many are open. */
  readonly size: number;
  /** The open ones as `inputRequests`: a JSON object, as text. */
  readonly inputRequests: string;
  /**
   * Takes a request of the server. Resolves with `false` if it was answered here.
   *
   * @param isShared whether it may belong to another call, so that it is answered in any case
   */
  take(request: Message, isShared?: boolean): Promise<boolean>;
  /**
   * Takes the client's `inputResponses`; the requests that they do not answer stay open.
   *
   * @param isAwaited whether the server still waits for the answers
   * @throws {ProxyError} if the server does not accept an answer
   */
  answer(inputs: ReadonlyMap<string, string>, isAwaited: () => boolean): Promise<void>;
  /** Refuses what may belong to other calls: no input will come. */
  close(): void;
}

/** @param canAsk whether the client's request may be answered with questions */
export function createServerQuestions(session: LegacySession, canAsk: boolean): ServerQuestions {
  const open = new Map<string, Question>();
  let keys = 0;
  return {
    get size() {
      return open.size;
    },
    get inputRequests() {
      return objectOf(Object.fromEntries([...open].map(([key, { request }]) => [key, request])));
    },
    async take(request, isShared = false) {
      const { method, requests: [id] } = request;
      if (canAsk && answers(session.client, method, paramOf(request))) {
        open.set(`input-${++keys}`, { id, request: inputRequestOf(request), isShared });
        return true;
      }
      await session.answer(id, method === METHOD.ping ? '"result":{}' : UNSUPPORTED);
      return false;
    },
    async answer(inputs, isAwaited) {
      for (const [key, { id, isShared }] of [...open]) {
        const result = inputs.get(key);
        if (result === undefined) continue;
        open.delete(key);
        if (isShared || isAwaited()) await session.answer(id, `"result":${result}`);
      }
    },
    close() {
      for (const { id, isShared } of open.values()) {
        if (isShared) session.answer(id, UNSUPPORTED).catch(() => {});
      }
      open.clear();
    },
  };
}

interface Question {
  readonly id: Id;
  /** As an input request, in JSON text. */
  readonly request: string;
  readonly isShared: boolean;
}

/** The method and the parameters of a request, as they are written. */
function inputRequestOf(request: Message): string {
  const text = stringOf(request.text);
  const members: Record<string, string> = {};
  for (const name of ["method", "params"]) {
    const span = memberSpan(text, name);
    if (span) members[name] = text.slice(...span);
  }
  return objectOf(members);
}
