import { assert, assertEquals, assertRejects } from "@std/assert";
import { parseMessage } from "../../../src/json/jsonrpc.ts";
import type { HttpRequest } from "../../../src/runtime/types.ts";
import { createEndpoint } from "../../../src/upstream/endpoint.ts";
import { streamableHttp } from "../../../src/upstream/streamable_http.ts";
import { keptLog } from "../../parts/fake_http.ts";

const URL = "https://mcp.example.com/mcp";

const message = (method: string, id?: number) =>
  parseMessage(JSON.stringify({ jsonrpc: "2.0", id, method, params: {} }));

const json = (answer: unknown, headers = {}) =>
  new Response(JSON.stringify(answer), {
    headers: { "content-type": "application/json", ...headers },
  });

/** A stream with one event that the server leaves open. */
function openStream(answer: unknown): Response {
  const body = new ReadableStream({
    start: (controller) =>
      controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(answer)}\n\n`)),
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

Deno.test("a handshake that fails while a session is restored leaves no stream open", async () => {
  const result = { protocolVersion: "2025-11-25", capabilities: {}, serverInfo: {} };
  const sent: HttpRequest[] = [];
  const answers = [
    json({ jsonrpc: "2.0", id: 1, result }, { "mcp-session-id": "first" }),
    new Response("no such session", { status: 404 }),
    openStream({ jsonrpc: "2.0", id: 1, error: { code: -32603, message: "not now" } }),
  ];
  const http = (request: HttpRequest) => {
    sent.push(request);
    return Promise.resolve(answers[sent.length - 1]);
  };
  const upstream = streamableHttp(createEndpoint(URL, { http }), keptLog());
  const waiting = { signal: new AbortController().signal, answered: () => false };
  const { messages } = await upstream.send(message("initialize", 1), waiting);
  for await (const _ of messages);
  await assertRejects(() => upstream.send(message("tools/list", 2), waiting));
  assertEquals(sent.length, 3);
  assert(sent[2].signal?.aborted);
});

Deno.test("a message that is not wanted any more does not wait for a new session", async () => {
  const result = { protocolVersion: "2025-11-25", capabilities: {}, serverInfo: {} };
  const restoring = Promise.withResolvers<void>();
  const answers = [
    () => json({ jsonrpc: "2.0", id: 1, result }, { "mcp-session-id": "first" }),
    () => new Response("no such session", { status: 404 }),
    () => {
      restoring.resolve();
      return new Promise<Response>(() => {});
    },
  ];
  const http = async () => await answers.shift()!();
  const upstream = streamableHttp(createEndpoint(URL, { http }), keptLog());
  const cancel = new AbortController();
  const { messages } = await upstream.send(message("initialize", 1), {
    signal: new AbortController().signal,
    answered: () => false,
  });
  for await (const _ of messages);
  const sending = upstream.send(message("tools/list", 2), {
    signal: cancel.signal,
    answered: () => false,
  });
  await restoring.promise;
  cancel.abort(new Error("too late"));
  await assertRejects(() => sending, Error, "too late");
});
