import type { IncomingMessage, ServerResponse } from "node:http";
import { FATES, GOOD_FATES } from "./fates.ts";
import { cut, type Incoming, say } from "./listener.ts";
import { pick, type Random } from "./random.ts";
import { createKeptStreams } from "./kept_streams.ts";
import type { Transport } from "./server.ts";
import type { Trouble } from "./trouble.ts";

/** Messages of revisions that have no session say so themselves. */
const VERSION = "io.modelcontextprotocol/protocolVersion";

/** Streamable HTTP of every revision, with sessions and resumable streams where there are some. */
export function streamableHttp(trouble: Trouble): Transport {
  const sessions = new Set<string>();
  const listeners = new Set<ServerResponse>();
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
    const { method, params, id } = message;
    const isModern = params?._meta?.[VERSION] !== undefined;
    if (method === "initialize") return beginSession(message, response);
    if (!isModern && !isKnown(request)) return loseSession(response);
    const name = id === undefined ? `${method} ${params?.n}` : JSON.stringify(id);
    const random = trouble.attempt(name);
    if (id === undefined) return accept(response, random);
    const { name: what, happen } = pick(trouble.isCalm ? GOOD_FATES : FATES, random);
    trouble.count(what);
    const key = params.arguments.key;
    await happen({
      id: JSON.stringify(id),
      key,
      response,
      random,
      run() {
        if (method === "tools/call") trouble.deeds.set(key, (trouble.deeds.get(key) ?? 0) + 1);
      },
      keep: (events) => isModern ? undefined : kept.keep(key, events),
    });
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
