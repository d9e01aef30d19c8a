import type { IncomingMessage, ServerResponse } from "node:http";
import { ELICITATION, FATES, GOOD_FATES } from "./fates.ts";
import { cut, type Incoming, say } from "./listener.ts";
import { pick, type Random } from "./random.ts";
import { createKeptStreams } from "./kept_streams.ts";
import type { Eras, Transport } from "./server.ts";
import { elapsed, type Trouble } from "./trouble.ts";

/** Messages of revisions that have no session say so themselves. */
const VERSION = "io.modelcontextprotocol/protocolVersion";

const JSON_TYPE = { "content-type": "application/json" };
/** Milliseconds that a question waits for its answer, which may have been lost. */
const ASK_FOR = 3_000;

/** Streamable HTTP of these eras, with sessions and resumable streams in the legacy one. */
export function streamableHttp(trouble: Trouble, era: Eras): Transport {
  const sessions = new Set<string>();
  const listeners = new Set<ServerResponse>();
  /** What waits for the answer to a question, by the id of the question. */
  const questions = new Map<string, () => void>();
  const kept = createKeptStreams(trouble);

  const sessionOf = (request: IncomingMessage) => String(request.headers["mcp-session-id"]);
  const isKnown = (request: IncomingMessage) => sessions.has(sessionOf(request));

  async function answer({ request, response, body }: Incoming): Promise<void> {
    if (request.method === "POST") return await receive(JSON.parse(body), request, response);
    if (!isKnown(request)) return loseSession(response);
    if (request.method === "GET") return await openStream(request, response);
    sessions.delete(sessionOf(request));
    say(response, 200);
  }

  async function receive(
    // deno-lint-ignore no-explicit-any -- what comes is the client driver's, and known
    message: any,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { method, params = {}, id } = message;
    const isModern = params._meta?.[VERSION] !== undefined;
    if (era === (isModern ? "legacy" : "modern")) return refuseEra(response);
    if (method === "initialize") return beginSession(message, response);
    if (method === "server/discover") return discover(id, response);
    if (method === "subscriptions/listen") return subscribe(response);
    if (!isModern && !isKnown(request)) return loseSession(response);
    if (method === undefined) {
      questions.get(id)?.();
      return accept(response, trouble.random);
    }
    const name = id === undefined ? `${method} ${params.n}` : JSON.stringify(id);
    const random = trouble.attempt(name);
    if (id === undefined) return accept(response, random);
    const { name: what, happen } = pick(trouble.isCalm ? GOOD_FATES : FATES, random);
    trouble.count(what);
    const key = params.arguments?.key;
    if (key === undefined) {
      return say(
        response,
        200,
        JSON_TYPE,
        `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{}}`,
      );
    }
    await happen({
      id: JSON.stringify(id),
      key,
      response,
      random,
      run() {
        if (method === "tools/call") trouble.deeds.set(key, (trouble.deeds.get(key) ?? 0) + 1);
      },
      keep: (events) => isModern ? undefined : kept.keep(key, events),
      async ask() {
        // Only these may ask, and only clients that have said so.
        if (method !== "tools/call" || params.inputResponses) return true;
        const inputRequests = { q: ELICITATION };
        const result = { resultType: "input_required", inputRequests };
        if (!isModern) return await askOnStream(`question ${key}`, response);
        say(response, 200, JSON_TYPE, JSON.stringify({ jsonrpc: "2.0", id, result }));
        return false;
      },
    });
  }

  /** Waits for the answer; gives up if it does not come. */
  async function askOnStream(id: string, response: ServerResponse): Promise<boolean> {
    const answered = Promise.withResolvers<boolean>();
    questions.set(id, () => answered.resolve(true));
    response.once("close", () => answered.resolve(false));
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`data: ${JSON.stringify({ jsonrpc: "2.0", id, ...ELICITATION })}\n\n`);
    const isAnswered = await Promise.race([answered.promise, elapsed(ASK_FOR).then(() => false)]);
    questions.delete(id);
    if (!isAnswered) cut(response);
    return isAnswered;
  }

  function refuseEra(response: ServerResponse): void {
    trouble.count("other era refused");
    say(response, 400, {}, "Bad Request: Unsupported protocol version");
  }

  function discover(id: unknown, response: ServerResponse): void {
    const kind = trouble.isCalm ? 1 : trouble.random();
    if (kind < 0.1) return cut(response);
    if (kind < 0.2) return say(response, 503, { "retry-after": "0" });
    trouble.count("discovery");
    const result = {
      resultType: "complete",
      supportedVersions: ["2026-07-28"],
      capabilities: { tools: { listChanged: true } },
      _meta: { "io.modelcontextprotocol/serverInfo": { name: "chaos", version: "1" } },
    };
    say(response, 200, JSON_TYPE, JSON.stringify({ jsonrpc: "2.0", id, result }));
  }

  function subscribe(response: ServerResponse): void {
    trouble.count("subscription");
    const method = "notifications/subscriptions/acknowledged";
    response.writeHead(200, { "content-type": "text/event-stream" })
      .write(`data: ${JSON.stringify({ jsonrpc: "2.0", method, params: {} })}\n\n`);
    listeners.add(response);
    response.once("close", () => listeners.delete(response));
  }

  function accept(response: ServerResponse, random: Random): void {
    const kind = trouble.isCalm ? 1 : random();
    if (kind < 0.05) return say(response, 429);
    if (kind < 0.1) return say(response, 503, { "retry-after": "0" });
    if (kind < 0.13) return cut(response);
    say(response, 202);
  }

  // deno-lint-ignore no-explicit-any -- as above
  function beginSession({ id, params }: any, response: ServerResponse): void {
    const kind = trouble.isCalm ? 1 : trouble.random();
    if (kind < 0.1) return cut(response);
    if (kind < 0.2) return say(response, 503, { "retry-after": "0" });
    const session = `session-${trouble.count("session")}`;
    sessions.add(session);
    const { protocolVersion } = params;
    const serverInfo = { name: "chaos", version: "1" };
    const result = { protocolVersion, capabilities: {}, serverInfo };
    const headers = { "content-type": "application/json", "mcp-session-id": session };
    say(response, 200, headers, JSON.stringify({ jsonrpc: "2.0", id, result }));
  }

  function loseSession(response: ServerResponse): void {
    trouble.count("session lost");
    if (trouble.random() < 0.5) return say(response, 404);
    say(response, 400, {}, "Bad Request: No valid session ID provided");
  }

  async function openStream(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const lastEventId = request.headers["last-event-id"];
    if (typeof lastEventId === "string") return await kept.resume(lastEventId, response);
    trouble.count("GET stream");
    response.writeHead(200, { "content-type": "text/event-stream" }).write("retry: 50\n\n");
    listeners.add(response);
    response.once("close", () => listeners.delete(response));
  }

  return {
    answer,
    notify(message) {
      for (const response of listeners) response.write(`data: ${message}\n\n`);
    },
    forget() {
      sessions.clear();
      kept.clear();
    },
    strikes: [
      { name: "(sessions lost)", weight: 3, strike: () => sessions.clear() },
      {
        name: "(GET streams cut)",
        weight: 2,
        strike: () => listeners.forEach((response) => response.end()),
      },
    ],
  };
}
