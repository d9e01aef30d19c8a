import { History } from "./history.ts";
import { accepted, event, openBody } from "./scripted_answers.ts";
import type { Answer, Script, ScriptedRequest } from "./scripted_server.ts";

// deno-lint-ignore no-explicit-any -- tests assert on what they expect to be there
type AnyMessage = any;

/** How a legacy server answers: with a JSON body, with a stream, or on the stream of HTTP+SSE. */
export const LEGACY_TRANSPORTS = ["JSON", "SSE", "HTTP+SSE"] as const;

/** A request that a method of the server answers. */
export interface LegacyRequest {
  readonly message: AnyMessage;
  /** Sends a message that belongs to the request. */
  send(message: unknown): void;
  /** Sends a request to the client; resolves with the client's response. */
  ask(method: string, params?: unknown): Promise<AnyMessage>;
}

/** What a server does with the requests of one method: the result, or a promise of it. */
export type LegacyMethod = (request: LegacyRequest) => unknown;

/** A server of 2025-11-25 or 2024-11-05. */
export interface LegacyServer {
  /** What a scripted server needs to be this one. */
  readonly script: Script;
  /** Every message that a session took. */
  readonly messages: History<AnyMessage>;
  /** The messages of a method so far; `response` for responses. */
  received(method: string): AnyMessage[];
  /** Sends a message that belongs to no request. */
  tell(message: unknown): void;
  /** Loses the session, as with a restart. */
  loseSession(): void;
}

/**
 * A legacy server that behaves the same on each transport.
 *
 * @param methods by name; others answer with `{}`
 */
export function legacyServer(
  transport: typeof LEGACY_TRANSPORTS[number],
  methods: Readonly<Record<string, LegacyMethod>>,
): LegacyServer {
  const messages = new History<AnyMessage>("legacy server");
  const asked = new Map<unknown, (response: AnyMessage) => void>();
  let session = 1;
  /** The stream of messages that belong to no request, and of all of them for HTTP+SSE. */
  let own = openBody();
  let isOpen = false;

  const tell = (message: unknown) => own.send(event(message));

  async function run(message: AnyMessage, send: (message: unknown) => void): Promise<void> {
    const method = methods[message.method] ?? (() => ({}));
    const result = await method({
      message,
      send,
      ask(method, params) {
        const id = `question-${asked.size + 1}`;
        const { promise, resolve } = Promise.withResolvers<AnyMessage>();
        asked.set(id, resolve);
        send({ jsonrpc: "2.0", id, method, params });
        return promise;
      },
    });
    send({ jsonrpc: "2.0", id: message.id, result });
  }

  const answers: Readonly<Record<typeof transport, (message: AnyMessage) => Promise<Response>>> = {
    // A server that answers in JSON has only its own stream for everything else.
    async JSON(message) {
      const sent: unknown[] = [];
      await run(message, (it) => (it as AnyMessage).id === message.id ? sent.push(it) : tell(it));
      return Response.json(sent[0], { headers: { "mcp-session-id": `session-${session}` } });
    },
    SSE(message) {
      const headers = {
        "content-type": "text/event-stream",
        "mcp-session-id": `session-${session}`,
      };
      const body = openBody({ headers });
      void run(message, (it) => body.send(event(it))).then(() => body.end());
      return Promise.resolve(body.response);
    },
    "HTTP+SSE"(message) {
      void run(message, tell);
      return Promise.resolve(accepted());
    },
  };

  function receive({ message }: ScriptedRequest): Promise<Response> {
    messages.record(message);
    const isRequest = message.method !== undefined && message.id !== undefined;
    if (isRequest) return answers[transport](message);
    if (message.method === undefined) asked.get(message.id)?.(message);
    return Promise.resolve(accepted());
  }

  const openStream: Answer = () => {
    if (isOpen) own = openBody();
    isOpen = true;
    if (transport === "HTTP+SSE") own.send(`event: endpoint\ndata: /messages\n\n`);
    return own.response;
  };

  /** Streamable HTTP: only `initialize` begins a session, and only messages of the session are taken. */
  const post: Answer = (request) => {
    const { headers, message } = request;
    // The Go SDK answers it whether there is a session or not.
    if (message.method === "server/discover" && methods[message.method]) return receive(request);
    if (headers["mcp-protocol-version"]?.startsWith("2026")) return refusal(400);
    const isKnown = headers["mcp-session-id"] === `session-${session}`;
    return isKnown || message.method === "initialize" ? receive(request) : refusal(404);
  };

  const isHttpSse = transport === "HTTP+SSE";
  return {
    messages,
    received: (name) => [...messages].filter(({ method }) => (method ?? "response") === name),
    tell,
    loseSession() {
      session++;
      if (isHttpSse) own.cut();
      own = openBody();
      isOpen = false;
    },
    script: {
      GET: openStream,
      "/messages": (request) => isOpen ? receive(request) : refusal(404),
      message: isHttpSse ? () => refusal(405) : post,
    },
  };
}

function refusal(status: number): Response {
  return new Response("Bad Request: No valid session ID provided", { status });
}
