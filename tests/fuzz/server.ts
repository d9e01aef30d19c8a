import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { between, pick, type Random, randomFor } from "../chaos/random.ts";
import {
  challenge,
  type Incoming,
  metadata,
  RESULTS,
  SERVER_MESSAGES,
  TOKEN,
  TOKEN_ERROR,
} from "./corpus.ts";
import { bytesOf, fuzzedJson, mutated, oneOf, pieces } from "./mutation.ts";

/** A server on loopback: MCP, metadata and tokens on one origin, all of it fuzzed. */
export interface FuzzServer extends AsyncDisposable {
  readonly origin: string;
  /** Answers by kind, and how many there were. */
  readonly given: ReadonlyMap<string, number>;
}

/** What the server does to its answers. */
export interface Plan {
  /** The share of answers that are fuzzed, by what they are. */
  readonly share: { readonly message: number; readonly token: number; readonly metadata: number };
  /** The share of requests that are refused with a challenge. */
  readonly refusals: number;
  /** Whether it only speaks HTTP+SSE. */
  readonly isHttpSse?: boolean;
  /** Whether tokens are bound to a key, with nonces (RFC 9449). */
  readonly isDpop?: boolean;
  /** The method that it does not know: `initialize` of a modern server, `server/discover` of a legacy one. */
  readonly unknown?: string;
}

/** One answer of the server. */
interface Turn {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly random: Random;
  readonly message: Incoming;
  readonly origin: string;
  readonly plan: Plan;
}

type Answer = (turn: Turn) => void;

const JSON_TYPE = { "content-type": "application/json" };
const SSE_TYPE = { "content-type": "text/event-stream" };

/** Every header value that Node can send. */
const headerText = (text: string) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, "").slice(0, 60_000);

/** Starts the server. What happens to a request follows from the seed and from the request. */
export async function startFuzzServer(seed: number, plan: Plan): Promise<FuzzServer> {
  const given = new Map<string, number>();
  const attempts = new Map<string, number>();
  /** Streams of HTTP+SSE. */
  const streams = new Set<ServerResponse>();
  const sockets = new Set<Socket>();
  let origin = "";

  const server = createServer(async (request, response) => {
    for (const side of [request, response]) side.on("error", () => {});
    const chunks: Uint8Array[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return; // The client has gone.
    }
    const body = Buffer.concat(chunks).toString();
    const name = `${request.method} ${request.url} ${body.slice(0, 200)}`;
    const attempt = attempts.get(name) ?? 0;
    attempts.set(name, attempt + 1);
    const random = randomFor(seed, `${name} ${attempt}`);
    answer({ request, response, random, message: read(body), origin, plan });
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("clientError", (_, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  function answer(turn: Turn): void {
    const { request, response, random } = turn;
    const path = request.url ?? "";
    const document = metadata(origin).get(path);
    if (path === "/token") return give("token", () => giveToken(turn));
    if (document) return give("metadata", () => giveDocument(turn, document));
    if (request.method === "DELETE") return void response.writeHead(200).end();
    if (request.headers.authorization === undefined || random() < plan.refusals) {
      return give("challenge", () => refuse(turn));
    }
    if (request.method === "GET") return give("GET stream", () => openStream(turn));
    if (plan.isHttpSse) {
      if (path === "/mcp") return void response.writeHead(405).end();
      return give("HTTP+SSE message", () => acceptMessage(turn));
    }
    if (random() > plan.share.message) return give("good answer", () => sendJson(turn, good(turn)));
    const { name, send } = pick(FUZZED, random);
    give(name, () => send(turn));
  }

  function give(name: string, send: () => void): void {
    given.set(name, (given.get(name) ?? 0) + 1);
    send();
  }

  function giveToken(turn: Turn): void {
    const { random, response } = turn;
    const token = plan.isDpop ? { ...TOKEN, token_type: "DPoP" } : TOKEN;
    if (plan.isDpop) response.setHeader("dpop-nonce", nonce(random));
    if (random() > plan.share.token) return sendJson(turn, JSON.stringify(token));
    const isRefused = random() < 0.4;
    const status = isRefused ? oneOf([400, 401, 403, 429, 500, 503], random) : 200;
    sendJson(turn, fuzzedJson(isRefused ? refusalOf(turn) : token, random), status);
  }

  function giveDocument(turn: Turn, document: unknown): void {
    const { random } = turn;
    const isFuzzed = random() < plan.share.metadata;
    if (isFuzzed && random() < 0.2) return sendHttp(turn);
    sendJson(turn, isFuzzed ? fuzzedJson(document, random) : JSON.stringify(document));
  }

  function openStream(turn: Turn): void {
    const { response, random } = turn;
    if (!plan.isHttpSse) {
      return random() < 0.5 ? sendEvents(turn) : void response.writeHead(405).end();
    }
    response.writeHead(200, SSE_TYPE);
    const endpoint = `event: endpoint\ndata: /mcp?session=1\n\n`;
    response.write(random() < 0.3 ? mutated(endpoint, random) : endpoint);
    streams.add(response);
    response.once("close", () => streams.delete(response));
  }

  function acceptMessage(turn: Turn): void {
    turn.response.writeHead(oneOf([202, 202, 202, 200, 204, 400, 500], turn.random)).end();
    const isFuzzed = turn.random() < plan.share.message;
    const text = isFuzzed ? events(turn) : `data: ${good(turn)}\n\n`;
    for (const stream of streams) {
      for (const piece of pieces(bytesOf(text, turn.random), turn.random)) stream.write(piece);
      // A broken stream may have swallowed an answer, and is opened again.
      if (isFuzzed) stream.end();
    }
  }

  return {
    origin,
    given,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Ways in which an answer goes wrong. */
const FUZZED: readonly { name: string; weight: number; send: Answer }[] = [
  {
    name: "fuzzed JSON",
    weight: 30,
    send: (turn) => sendJson(turn, fuzzedJson(reply(turn), turn.random)),
  },
  { name: "fuzzed SSE", weight: 30, send: sendEvents },
  { name: "fuzzed status", weight: 10, send: sendStatus },
  { name: "fuzzed challenge", weight: 10, send: refuse },
  { name: "fuzzed headers", weight: 10, send: sendHeaders },
  { name: "fuzzed HTTP", weight: 10, send: sendHttp },
  { name: "cut connection", weight: 4, send: ({ response }) => void response.socket?.destroy() },
  { name: "no answer", weight: 1, send: () => {} },
];

/** The error of a token request; with DPoP, some want a nonce. */
function refusalOf({ plan, random }: Turn): unknown {
  return plan.isDpop && random() < 0.5 ? { error: "use_dpop_nonce" } : TOKEN_ERROR;
}

function nonce(random: Random): string {
  return headerText(random() < 0.5 ? mutated("nonce-1", random) : `nonce-${random()}`);
}

function read(body: string): Incoming {
  try {
    const value = JSON.parse(body);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

function reply({ message: { id, method }, plan }: Turn): unknown {
  if (method === plan.unknown) {
    return { jsonrpc: "2.0", id, error: { code: -32601, message: "Method not found" } };
  }
  return { jsonrpc: "2.0", id, result: RESULTS.get(method) ?? {} };
}

function good(turn: Turn): string {
  const { message } = turn;
  if (!Array.isArray(message)) return JSON.stringify(reply(turn));
  return JSON.stringify(message.map((one) => reply({ ...turn, message: one ?? {} })));
}

function sendJson({ response, message, random }: Turn, text: string, status = 200): void {
  const session = message.method === "initialize" ? { "mcp-session-id": "fuzz-session" } : {};
  response.writeHead(status, { ...JSON_TYPE, ...session });
  for (const piece of pieces(bytesOf(text, random), random)) response.write(piece);
  response.end();
}

/** Some messages of the server and the answer as events, fuzzed. */
function events(turn: Turn): string {
  const { random } = turn;
  const others = Array.from(
    { length: between(0, 3, random) },
    () => oneOf(SERVER_MESSAGES, random),
  );
  const fields = [...others, reply(turn)].map((message, i) =>
    `${random() < 0.5 ? `id: ${i}\n` : ""}data: ${fuzzedJson(message, random)}\n\n`
  );
  const text = fields.join(random() < 0.2 ? ": comment\r\n" : "");
  return random() < 0.5 ? mutated(text, random) : text;
}

function sendEvents(turn: Turn): void {
  const { response, random } = turn;
  response.writeHead(200, SSE_TYPE);
  for (const piece of pieces(bytesOf(events(turn), random), random)) response.write(piece);
  response.end();
}

function sendStatus(turn: Turn): void {
  const { response, random } = turn;
  const status = oneOf([
    200,
    201,
    202,
    204,
    205,
    206,
    304,
    400,
    404,
    405,
    406,
    409,
    410,
    413,
    415,
    418,
    429,
    451,
    500,
    502,
    503,
    599,
    600,
    999,
  ], random);
  response.writeHead(status, oneOf([JSON_TYPE, SSE_TYPE, { "content-type": "text/html" }], random));
  response.end(bytesOf(fuzzedJson(reply(turn), random), random));
}

function refuse({ response, random, origin, plan }: Turn): void {
  const isNonceMissing = plan.isDpop && random() < 0.5;
  const right = isNonceMissing ? 'DPoP error="use_dpop_nonce"' : challenge(origin);
  const header = random() < 0.5 ? mutated(right, random) : right;
  if (plan.isDpop) response.setHeader("dpop-nonce", nonce(random));
  response.writeHead(random() < 0.7 ? 401 : 403, { "www-authenticate": headerText(header) });
  response.end(random() < 0.5 ? undefined : mutated("<html>Sign in</html>", random));
}

function sendHeaders(turn: Turn): void {
  const { response, random, origin } = turn;
  const fuzzed = (text: string) => headerText(mutated(text, random));
  const name = oneOf([
    "content-type",
    "content-encoding",
    "retry-after",
    "set-cookie",
    "mcp-session-id",
    "location",
  ], random);
  const value = oneOf([
    "application/json; charset=utf-8",
    "text/event-stream",
    "gzip",
    "Wed, 21 Oct 2026 07:28:00 GMT",
    "a=b; Path=/; Max-Age=5",
    `${origin}/mcp`,
  ], random);
  const status = name === "location" ? oneOf([301, 302, 303, 307, 308], random) : 200;
  response.writeHead(status, { ...JSON_TYPE, [name]: fuzzed(value) }).end(good(turn));
}

/** An HTTP answer whose own bytes are fuzzed; then the connection closes. */
function sendHttp(turn: Turn): void {
  const { response, random } = turn;
  const body = good(turn);
  const answer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" +
    `content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;
  response.socket?.end(bytesOf(mutated(answer, random), random));
}
