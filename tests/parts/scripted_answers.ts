import type { Answer, ScriptedRequest } from "./scripted_server.ts";

/** What a well-behaved server says, for what a script leaves out. */
export const ANSWERS: Readonly<Record<string, Answer>> = {
  token: () => token(),
  initialize: (request) =>
    reply(request, initializeResult(request), { headers: { "mcp-session-id": "session-1" } }),
  GET: () => new Response(null, { status: 405 }),
  DELETE: () => new Response(null, { status: 200 }),
  /** Any other message: requests succeed, the rest is accepted. */
  message: (request) =>
    request.message?.id !== undefined && request.message.method ? reply(request, {}) : accepted(),
};

/** The result of `initialize`, with the revision that the client asked for. */
export function initializeResult({ message }: ScriptedRequest, protocolVersion?: string) {
  return {
    protocolVersion: protocolVersion ?? message.params.protocolVersion,
    capabilities: { tools: { listChanged: true } },
    serverInfo: { name: "scripted", version: "1.0.0" },
  };
}

/** A successful token response (RFC 6749 section 5.1); a member that is undefined is left out. */
export function token(members: Record<string, unknown> = {}): Response {
  return Response.json({
    access_token: "test-token",
    token_type: "Bearer",
    expires_in: 300,
    ...members,
  });
}

/** A JSON-RPC result as JSON. */
export function reply({ message }: ScriptedRequest, result: unknown, init?: ResponseInit) {
  return Response.json({ jsonrpc: "2.0", id: message.id, result }, init);
}

/** A JSON body as it is written here, or an answer that claims to be one. */
export function jsonText(text: string | Uint8Array<ArrayBuffer>, init: ResponseInit = {}) {
  return new Response(text, { headers: { "content-type": "application/json" }, ...init });
}

/** What notifications and responses get. */
export function accepted(): Response {
  return new Response(null, { status: 202 });
}

/** The page that a gateway or a login wall shows. */
export function html(status = 200): Response {
  const headers = { "content-type": "text/html; charset=utf-8" };
  return new Response("<!DOCTYPE html><title>Sign in</title>", { status, headers });
}

/** An event of an SSE stream that holds a JSON-RPC message. */
export function event(message: unknown, id?: string): string {
  return `${id === undefined ? "" : `id: ${id}\n`}data: ${JSON.stringify(message)}\n\n`;
}

/** A response body that the test writes as it goes. */
export interface OpenBody {
  readonly response: Response;
  /** Sends a chunk: text or bytes as they are. */
  send(chunk: string | Uint8Array<ArrayBuffer>): void;
  /** Ends the body as it should. */
  end(): void;
  /** Closes the connection in the middle of the body. */
  cut(): void;
}

/** A response whose body stays open until the test ends it: an SSE stream unless told otherwise. */
export function openBody(init: ResponseInit = {}): OpenBody {
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({ start: (c) => void (controller = c) });
  return {
    response: new Response(body, { headers: { "content-type": "text/event-stream" }, ...init }),
    send: (chunk) => controller.enqueue(typeof chunk === "string" ? encoder.encode(chunk) : chunk),
    end: () => controller.close(),
    cut: () => controller.error(new Error("cut by the test")),
  };
}

/** A response that sends these chunks one by one and ends: an SSE stream unless told otherwise. */
export function chunked(
  chunks: readonly (string | Uint8Array<ArrayBuffer>)[],
  init?: ResponseInit,
): Response {
  const body = openBody(init);
  for (const chunk of chunks) body.send(chunk);
  body.end();
  return body.response;
}

/** An SSE stream of these messages that ends. */
export function sse(...messages: unknown[]): Response {
  return chunked(messages.map((message) => event(message)));
}
