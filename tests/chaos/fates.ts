import type { ServerResponse } from "node:http";
import { cut } from "./listener.ts";
import { between, type Random } from "./random.ts";
import { elapsed } from "./trouble.ts";

/** A request to which something happens. */
export interface Victim {
  /** Its id, as JSON text. */
  readonly id: string;
  /** What its side effect and its progress go by. */
  readonly key: string;
  readonly response: ServerResponse;
  readonly random: Random;
  /** Acts on it, as a tool does. Called once at the most. */
  run(): void;
  /**
   * Keeps events that the client can come back for.
   *
   * @returns their ids; `undefined` in an era that knows no resumption
   */
  keep(events: readonly string[]): readonly string[] | undefined;
  /**
   * Asks the user, once for each request.
   *
   * @returns whether it may go on: it has an answer, or none is needed
   */
  ask(): Promise<boolean>;
}

/** Something that happens to a request. */
export interface Fate {
  readonly name: string;
  /** How often, beside the others. */
  readonly weight: number;
  /** Whether the client can get a result out of it, if nothing else happens. */
  readonly isGood?: true;
  happen(victim: Victim): Promise<void> | void;
}

const JSON_TYPE = { "content-type": "application/json" };
const SSE_TYPE = { "content-type": "text/event-stream" };

const result = ({ id, key }: Pick<Victim, "id" | "key">, more = "") =>
  `{"jsonrpc":"2.0","id":${id},"result":{${more}"key":${JSON.stringify(key)}}}`;

const progress = ({ key }: Victim) =>
  `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${
    JSON.stringify(key)
  },"progress":1}}`;

const event = (data: string, id?: string) => `${id ? `id: ${id}\n` : ""}data: ${data}\n\n`;

/** Refuses before anything has been done. */
function refusal(status: number, headers: Record<string, string> = {}, body = ""): Fate["happen"] {
  return ({ response }) => void response.writeHead(status, headers).end(body);
}

/** Answers with this, having acted. */
function answer(
  status: number,
  headers: Record<string, string>,
  body: (victim: Victim) => string,
): Fate["happen"] {
  return (victim) => {
    victim.run();
    victim.response.writeHead(status, headers).end(body(victim));
  };
}

/** Begins to answer, having acted, and is cut. */
function beginning(headers: Record<string, string>, text: (victim: Victim) => string) {
  return async (victim: Victim) => {
    victim.run();
    victim.response.writeHead(200, headers).write(text(victim));
    await elapsed(5);
    cut(victim.response);
  };
}

const html = "<!DOCTYPE html><title>502 Bad Gateway</title>";

/** What a tool asks the user. */
export const ELICITATION = {
  method: "elicitation/create",
  params: { message: "May I?", requestedSchema: { type: "object", properties: {} } },
};

/** What can happen to a request. */
export const FATES: readonly Fate[] = [
  {
    name: "JSON",
    weight: 40,
    isGood: true,
    happen: answer(200, JSON_TYPE, (victim) => result(victim)),
  },
  {
    name: "JSON, slowly",
    weight: 10,
    isGood: true,
    async happen(victim) {
      victim.run();
      await elapsed(between(20, 2_000, victim.random));
      victim.response.writeHead(200, JSON_TYPE).end(result(victim));
    },
  },
  {
    name: "stream",
    weight: 15,
    isGood: true,
    async happen(victim) {
      victim.run();
      const { response, random } = victim;
      response.writeHead(200, SSE_TYPE).write(": hello\n\n" + event(progress(victim)));
      await elapsed(between(0, 500, random));
      response.end(event(result(victim)));
    },
  },
  {
    name: "a question",
    weight: 6,
    isGood: true,
    async happen(victim) {
      if (!await victim.ask()) return;
      victim.run();
      if (!victim.response.headersSent) victim.response.writeHead(200, SSE_TYPE);
      victim.response.end(event(result(victim)));
    },
  },
  {
    name: "large JSON",
    weight: 1,
    isGood: true,
    happen: answer(200, JSON_TYPE, (victim) => result(victim, `"x":"${"x".repeat(1e6)}",`)),
  },
  {
    name: "stream that breaks behind an id",
    weight: 10,
    isGood: true,
    async happen(victim) {
      victim.run();
      const { response, random } = victim;
      const events = ["", progress(victim), result(victim)];
      const ids = victim.keep(events);
      const said = ids ? between(1, 2, random) : events.length;
      response.writeHead(200, SSE_TYPE).write("retry: 20\n\n");
      for (let index = ids ? 0 : 1; index < said; index++) {
        response.write(event(events[index], ids?.[index]));
      }
      await elapsed(5);
      if (random() < 0.5) response.end();
      else cut(response);
    },
  },
  { name: "429", weight: 3, happen: refusal(429) },
  { name: "429 with Retry-After", weight: 2, happen: refusal(429, { "retry-after": "0" }) },
  { name: "503 with Retry-After", weight: 3, happen: refusal(503, { "retry-after": "1" }) },
  { name: "503", weight: 1, happen: refusal(503) },
  { name: "400", weight: 1, happen: refusal(400, { "content-type": "text/html" }, html) },
  { name: "cut before anything", weight: 3, happen: ({ response }) => cut(response) },
  {
    name: "cut behind the deed",
    weight: 3,
    happen(victim) {
      victim.run();
      cut(victim.response);
    },
  },
  { name: "stream that is cut", weight: 3, happen: beginning(SSE_TYPE, () => ": hello\n\n") },
  {
    name: "JSON that is cut",
    weight: 2,
    happen: beginning({ ...JSON_TYPE, "content-length": "1000" }, () => '{"jsonrpc":"2.0",'),
  },
  { name: "500", weight: 1, happen: answer(500, JSON_TYPE, () => "{}") },
  { name: "504", weight: 1, happen: answer(504, { "content-type": "text/html" }, () => html) },
  { name: "a page", weight: 1, happen: answer(200, { "content-type": "text/html" }, () => html) },
  { name: "broken JSON", weight: 1, happen: answer(200, JSON_TYPE, () => '{"jsonrpc":"2.0","id"') },
  { name: "202", weight: 1, happen: answer(202, {}, () => "") },
  { name: "empty stream", weight: 1, happen: answer(200, SSE_TYPE, () => "") },
  {
    name: "an answer to another",
    weight: 1,
    happen: answer(200, JSON_TYPE, (victim) => result({ ...victim, id: '"nobody"' })),
  },
  {
    name: "an error of the server's",
    weight: 1,
    happen: answer(
      200,
      JSON_TYPE,
      ({ id }) => `{"jsonrpc":"2.0","id":${id},"error":{"code":-32000,"message":"no"}}`,
    ),
  },
];

/** What happens when the trouble is over. */
export const GOOD_FATES: readonly Fate[] = FATES.filter(({ isGood }) => isGood);
