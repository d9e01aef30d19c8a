/** What the authorization server and the MCP server of the benchmark answer. */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { type Request, respond } from "./http.ts";
import { ACCESS_TOKEN, PAYLOAD_END, PAYLOAD_START, TOOLS } from "../messages.ts";

const JSON_TYPE = "Content-Type: application/json\r\n";
/** Between the first notification of a stream and its response: far longer than any relay takes. */
const STREAM_MS = 40;
/** Bodies from this size on are echoed as bytes, without decoding them. */
const LARGE = 64 * 1024;

/** How often each thing was asked for since the server started. */
export const counts = { token: 0, unauthorized: 0, mcp: 0 };

/** One request to either server. */
export function answer(request: Request, socket: Socket): void {
  const route = routes[`${request.method} ${request.path.split("?", 1)[0]}`];
  if (route) route(request, socket);
  else respond(socket, "404 Not Found", "");
}

const routes: Record<string, (request: Request, socket: Socket) => void> = {
  "GET /counts": (_, socket) => json(socket, JSON.stringify(counts)),
  "POST /token": (_, socket) => {
    counts.token++;
    const token = { access_token: ACCESS_TOKEN, token_type: "Bearer", expires_in: 300 };
    json(socket, JSON.stringify(token));
  },
  ...endpoint("/mcp", () => true),
  ...endpoint("/modern", (head) => MODERN_HEAD.test(head)),
  ...endpoint("/legacy", (head) => !MODERN_HEAD.test(head)),
};

const MODERN_HEAD = /\r\nmcp-protocol-version: *2026/i;

/** @param speaks whether the endpoint knows the version of a request, given its head */
function endpoint(path: string, speaks: (head: string) => boolean): typeof routes {
  return {
    [`GET ${path}`]: (_, socket) =>
      respond(socket, "405 Method Not Allowed", "Allow: POST, DELETE\r\n"),
    [`DELETE ${path}`]: (_, socket) => respond(socket, "200 OK", ""),
    [`POST ${path}`]: (request, socket) => {
      if (!new RegExp(`\r\nauthorization: *bearer ${ACCESS_TOKEN}`, "i").test(request.head)) {
        counts.unauthorized++;
        respond(socket, "401 Unauthorized", "WWW-Authenticate: Bearer\r\n");
        return;
      }
      counts.mcp++;
      if (!speaks(request.head)) {
        return respond(
          socket,
          "400 Bad Request",
          "Content-Type: text/plain\r\n",
          Buffer.from("Unsupported protocol version"),
        );
      }
      if (request.body.length >= LARGE) echoBytes(request.body, socket);
      else message(JSON.parse(request.body.toString()), socket);
    },
  };
}

/** The part of a JSON-RPC message that this server looks at. */
interface Message {
  id?: number | string;
  method?: string;
  // deno-lint-ignore no-explicit-any
  params?: any;
}

function message({ id, method, params }: Message, socket: Socket): void {
  if (id === undefined || method === undefined) return respond(socket, "202 Accepted", "");
  const session = method === "initialize" ? "Mcp-Session-Id: bench\r\n" : "";
  if (method !== "tools/call") return json(socket, result(id, results[method] ?? {}), session);
  const text = result(id, { content: [{ type: "text", text: params.arguments.text }] });
  if (params.name === TOOLS.json) return json(socket, text);
  socket.write(SSE_HEAD);
  if (params.name === TOOLS.sse) {
    socket.write(event(text) + "0\r\n\r\n");
    return;
  }
  socket.write(event(progress(params._meta?.progressToken ?? 0)));
  setTimeout(() => socket.write(event(text) + "0\r\n\r\n"), STREAM_MS);
}

const results: Record<string, unknown> = {
  initialize: {
    protocolVersion: "2025-06-18",
    capabilities: { tools: {} },
    serverInfo: { name: "bench", version: "1.0.0" },
  },
  "server/discover": {
    resultType: "complete",
    supportedVersions: ["2026-07-28"],
    capabilities: { tools: {} },
    _meta: { "io.modelcontextprotocol/serverInfo": { name: "bench", version: "1.0.0" } },
  },
  "tools/list": {
    tools: Object.values(TOOLS).map((name) => ({ name, inputSchema: { type: "object" } })),
  },
};

const SSE_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" +
  "Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n";

/** A server-sent event in a chunk of its own. */
function event(data: string): string {
  const text = `event: message\ndata: ${data}\n\n`;
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

function progress(progressToken: number | string): string {
  const params = { progressToken, progress: 1, total: 2 };
  return JSON.stringify({ jsonrpc: "2.0", method: "notifications/progress", params });
}

function result(id: number | string, value: unknown): string {
  return JSON.stringify({ jsonrpc: "2.0", id, result: value });
}

function json(socket: Socket, text: string, headers = ""): void {
  respond(socket, "200 OK", JSON_TYPE + headers, Buffer.from(text));
}

const ECHO_TAIL = Buffer.from('"}]}}');

/** Sends the payload of a large call back as the bytes that came. */
function echoBytes(body: Buffer, socket: Socket): void {
  const start = body.indexOf(PAYLOAD_START);
  const end = body.lastIndexOf(PAYLOAD_END) + PAYLOAD_END.length;
  // A contender may have moved the id behind the payload.
  const around = body.toString("latin1", 0, 300) + body.toString("latin1", body.length - 300);
  const id = /"id":\s*(\d+|"[^"]*")/.exec(around)?.[1] ?? "null";
  const head = Buffer.from(
    `{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"`,
  );
  respond(socket, "200 OK", JSON_TYPE, head, body.subarray(start, end), ECHO_TAIL);
}
