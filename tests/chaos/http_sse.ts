import type { ServerResponse } from "node:http";
import { cut, type Incoming, say } from "./listener.ts";
import { between, pick, type Random } from "./random.ts";
import type { Transport } from "./server.ts";
import { ELICITATION } from "./fates.ts";
import { elapsed, type Trouble } from "./trouble.ts";

/** A message, and the stream that its answer goes to. */
interface Posted {
  // deno-lint-ignore no-explicit-any -- what comes is the client driver's, and known
  readonly message: any;
  readonly stream: ServerResponse;
  readonly response: ServerResponse;
  readonly random: Random;
  /** Acts on it, as a tool does. */
  run(): void;
  /** Asks the user; resolves with whether an answer came. */
  ask(): Promise<boolean>;
}

/** Milliseconds that a question waits for its answer, which may have been lost. */
const ASK_FOR = 3_000;

/** HTTP+SSE as of 2024-11-05: what is POSTed is answered on the stream, unless that has gone. */
export function httpSse(trouble: Trouble): Transport {
  const streams = new Map<string, ServerResponse>();
  /** What waits for the answer to a question, by the id of the question. */
  const questions = new Map<string, () => void>();

  function answer({ request, response, body }: Incoming): Promise<void> | void {
    const { pathname, searchParams } = new URL(request.url!, "http://localhost");
    if (pathname === "/mcp" && request.method === "GET") return openStream(response);
    const stream = streams.get(searchParams.get("session") ?? "");
    if (pathname !== "/messages" || !stream) return say(response, 404);
    return receive(JSON.parse(body), stream, response);
  }

  function openStream(response: ServerResponse): void {
    const kind = trouble.isCalm ? 1 : trouble.random();
    if (kind < 0.1) return cut(response);
    if (kind < 0.2) return say(response, 503, { "retry-after": "0" });
    const session = `${trouble.count("stream")}`;
    streams.set(session, response);
    response.once("close", () => streams.delete(session));
    response.writeHead(200, { "content-type": "text/event-stream" })
      .write(`event: endpoint\ndata: /messages?session=${session}\n\n`);
  }

  async function receive(
    message: Posted["message"],
    stream: ServerResponse,
    response: ServerResponse,
  ): Promise<void> {
    const { method, params = {}, id } = message;
    if (method === undefined) {
      questions.get(id)?.();
      return say(response, 202);
    }
    if (method === "initialize") {
      const { protocolVersion } = params;
      const result = { protocolVersion, capabilities: {}, serverInfo: { name: "c", version: "1" } };
      send(stream, { jsonrpc: "2.0", id, result });
      return say(response, 202);
    }
    const random = trouble.attempt(JSON.stringify(id ?? params.n));
    if (id === undefined) return say(response, 202);
    if (params.arguments === undefined) { // A request of the proxy's own, such as a ping.
      send(stream, { jsonrpc: "2.0", id, result: {} });
      return say(response, 202);
    }
    const { name, happen } = trouble.isCalm ? FATES[0] : pick(FATES, random);
    trouble.count(name);
    await happen({
      message,
      stream,
      response,
      random,
      run() {
        const { key } = params.arguments ?? {};
        if (method === "tools/call") trouble.deeds.set(key, (trouble.deeds.get(key) ?? 0) + 1);
      },
      async ask() {
        if (method !== "tools/call") return true; // Only these may ask.
        const answered = Promise.withResolvers<boolean>();
        const question = `question ${params.arguments?.key}`;
        questions.set(question, () => answered.resolve(true));
        send(stream, { jsonrpc: "2.0", id: question, ...ELICITATION });
        const late = elapsed(ASK_FOR).then(() => false);
        return await Promise.race([answered.promise, late])
          .finally(() => questions.delete(question));
      },
    });
  }

  return {
    answer,
    notify: (message) => streams.forEach((stream) => stream.write(`data: ${message}\n\n`)),
    forget: () => streams.clear(),
    strikes: [{
      name: "(streams cut)",
      weight: 5,
      strike: () => streams.forEach((stream) => stream.end()),
    }],
  };
}

/** What can happen to a request. None keeps it waiting for ever: only its client could end that. */
const FATES: readonly {
  readonly name: string;
  readonly weight: number;
  happen(posted: Posted): Promise<void> | void;
}[] = [
  {
    name: "answer",
    weight: 60,
    happen(posted) {
      posted.run();
      say(posted.response, 202);
      send(posted.stream, result(posted));
    },
  },
  {
    name: "answer before the POST's own",
    weight: 10,
    async happen(posted) {
      posted.run();
      send(posted.stream, result(posted));
      await elapsed(between(0, 50, posted.random));
      say(posted.response, 202);
    },
  },
  {
    name: "progress, and an answer later",
    weight: 15,
    async happen(posted) {
      posted.run();
      say(posted.response, 202);
      const { key } = posted.message.params.arguments;
      const params = { progressToken: key, progress: 1 };
      send(posted.stream, { jsonrpc: "2.0", method: "notifications/progress", params });
      await elapsed(between(0, 1_000, posted.random));
      send(posted.stream, result(posted));
    },
  },
  {
    name: "a question",
    weight: 6,
    async happen(posted) {
      say(posted.response, 202);
      if (!await posted.ask()) {
        const { id } = posted.message;
        const error = { code: -32000, message: "no input" };
        return send(posted.stream, { jsonrpc: "2.0", id, error });
      }
      posted.run();
      send(posted.stream, result(posted));
    },
  },
  {
    name: "POST cut behind the deed",
    weight: 3,
    happen(posted) {
      posted.run();
      cut(posted.response);
      send(posted.stream, result(posted));
    },
  },
  { name: "POST cut", weight: 3, happen: ({ response }) => cut(response) },
  { name: "429", weight: 3, happen: ({ response }) => say(response, 429) },
  {
    name: "503 with Retry-After",
    weight: 3,
    happen: ({ response }) => say(response, 503, { "retry-after": "0" }),
  },
  { name: "400", weight: 1, happen: ({ response }) => say(response, 400) },
];

function result({ message: { id, params } }: Posted) {
  return { jsonrpc: "2.0", id, result: { key: params.arguments.key } };
}

function send(stream: ServerResponse, message: unknown): void {
  stream.write(`data: ${JSON.stringify(message)}\n\n`);
}
