/** Streamable HTTP up to 2025-11-25 in front of stdio: a proxy for each session. */

import {
  type JSONRPCMessage,
  WebStandardStreamableHTTPServerTransport as Transport,
} from "@modelcontextprotocol/server";
import { createEventStore } from "../../parts/event_store.ts";
import { type LineRouter, type Message, startRouter } from "./line_router.ts";

/** Answers HTTP requests; disposing of it ends the sessions. */
export interface Face extends AsyncDisposable {
  /** Answers one HTTP request. */
  answer(request: Request): Promise<Response>;
}

/** @param env variables of the proxies */
export function legacyFace(env: Record<string, string>): Face {
  const sessions = new Map<string, { transport: Transport; router: LineRouter }>();

  async function open(request: Request): Promise<Response> {
    const router = startRouter(env, (message) => void transport.send(message));
    const transport = new Transport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, { transport, router }),
      onsessionclosed: (id) => end(id),
      eventStore: createEventStore(),
      retryInterval: 500,
    });
    transport.onmessage = (message) => pass(message, transport, router);
    await transport.start();
    const response = await transport.handleRequest(request);
    if (transport.sessionId === undefined) await router[Symbol.asyncDispose]();
    return response;
  }

  function pass(message: JSONRPCMessage, transport: Transport, router: LineRouter): void {
    if (!("method" in message && "id" in message)) return void router.send(message);
    const relatedRequestId = message.id;
    router.request(message, (answer: Message) => transport.send(answer, { relatedRequestId }));
  }

  async function end(id: string): Promise<void> {
    const session = sessions.get(id);
    sessions.delete(id);
    await session?.router[Symbol.asyncDispose]();
  }

  return {
    async answer(request) {
      const id = request.headers.get("mcp-session-id");
      if (id === null) return await open(request);
      const session = sessions.get(id);
      if (session) return await session.transport.handleRequest(request);
      const error = { code: -32001, message: "Session not found" };
      return Response.json({ jsonrpc: "2.0", error, id: null }, { status: 404 });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...sessions.keys()].map(end));
    },
  };
}
