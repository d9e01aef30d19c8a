import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { History } from "./history.ts";
import { ANSWERS } from "./scripted_answers.ts";

/** One request, as it came. */
export interface ScriptedRequest {
  /**
   * What the script knows it by: `token`; the method of a JSON-RPC message, `response`, `batch`; the
   * HTTP method of a request without a message; the path of one that went elsewhere.
   */
  readonly name: string;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Headers by lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  /** The body as JSON, where it is some. */
  // deno-lint-ignore no-explicit-any -- tests assert on what they expect to be there
  readonly message: any;
  /** The client's port: the same for all requests on one connection. */
  readonly client: number | undefined;
  /** Resolves when the response has been sent, or the client has gone. */
  readonly closed: Promise<void>;
}

/**
 * Answers one request. `Response.error()` closes the connection instead of answering; a body that
 * errors is cut there. Each chunk of a body goes out as it is, in a chunk of its own.
 */
export type Answer = (request: ScriptedRequest) => Response | Promise<Response>;

/**
 * Answers by name of request, and `message` for any other JSON-RPC message; what is not named is
 * answered as a well-behaved server would.
 */
export type Script = Readonly<Record<string, Answer>>;

/** A running scripted server. */
export interface ScriptedServer extends AsyncDisposable {
  /** The MCP endpoint. */
  readonly url: string;
  readonly tokenEndpoint: string;
  /** Variables that lead a proxy here. */
  readonly env: Readonly<Record<string, string>>;
  /** Every request, recorded before it is answered. */
  readonly requests: History<ScriptedRequest>;
  /** The requests of that name so far. */
  received(name: string): ScriptedRequest[];
  /**
   * Ends every connection, as servers do with idle ones. Resolves when the client has noticed: before
   * that, nobody can tell a request on such a connection from one that the server has acted on.
   */
  endConnections(): Promise<void>;
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
}

/**
 * Starts a token endpoint and an MCP endpoint on 127.0.0.1 that do as the test says: for faults that
 * real servers do not produce when one wants them. Everything else is tested on real parts.
 *
 * @param script answers by name of request
 * @param options `port`, to come back at the same place; 0 takes a free one
 */
export async function startScriptedServer(
  script: Script = {},
  { port = 0 } = {},
): Promise<ScriptedServer> {
  const requests = new History<ScriptedRequest>("scripted server");

  const server = createServer(async (incoming, outgoing) => {
    // Clients may go at any time.
    for (const side of [incoming, outgoing]) side.on("error", () => {});
    const request = await readRequest(incoming, outgoing).catch(() => undefined);
    if (!request) return;
    requests.record(request);
    await write(await answer(script, request), outgoing);
  });
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.requestTimeout = 0;
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });

  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: `${origin}/mcp`,
    tokenEndpoint: `${origin}/token`,
    env: {
      MCP_CLIENT_ID: "test-client",
      MCP_CLIENT_SECRET: "test-secret",
      MCP_SERVER_URL: `${origin}/mcp`,
      MCP_AUTH_SERVER_URL: `${origin}/token`,
    },
    requests,
    received: (name) => [...requests].filter((request) => request.name === name),
    async endConnections() {
      await Promise.all([...sockets].map((socket) => {
        const closed = new Promise((resolve) => socket.once("close", resolve));
        socket.end();
        return closed;
      }));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function answer(script: Script, request: ScriptedRequest): Promise<Response> {
  try {
    const { name, message } = request;
    const answer = script[name] ?? (message === undefined ? undefined : script.message);
    return await (answer ?? ANSWERS[name] ?? ANSWERS.message)(request);
  } catch (error) {
    console.error(`The script failed at ${request.name}:`, error);
    return Response.error();
  }
}

async function readRequest(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<ScriptedRequest> {
  const client = incoming.socket.remotePort;
  const closed = new Promise<void>((resolve) => outgoing.once("close", resolve));
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString("utf8");
  const { method = "", url: path = "" } = incoming;
  const headers = incoming.headers as Record<string, string | undefined>;
  const message = parse(body);
  const name = nameOf(method, path, message);
  return { name, method, path, headers, body, message, client, closed };
}

function nameOf(method: string, path: string, message: { method?: string } | undefined): string {
  if (path === "/token") return "token";
  if (path !== "/mcp") return path;
  if (message === undefined) return method;
  return Array.isArray(message) ? "batch" : message.method ?? "response";
}

function parse(body: string) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

async function write(response: Response, outgoing: ServerResponse): Promise<void> {
  if (response.type === "error") return void outgoing.socket?.destroy();
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (!response.body) return void outgoing.end();
  outgoing.flushHeaders();
  const reader = response.body.getReader();
  outgoing.once("close", () => reader.cancel().catch(() => {}));
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      await new Promise((resolve) => outgoing.write(next.value, resolve));
    }
    outgoing.end();
  } catch {
    outgoing.socket?.destroy();
  }
}
