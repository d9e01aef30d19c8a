/** Streamable HTTP of 2026-07-28 in front of stdio: requests share a proxy while their ids differ. */

import type { Face } from "./legacy_face.ts";
import { type Id, type LineRouter, type Message, startRouter } from "./line_router.ts";

/** HTTP status for a JSON-RPC error code; 200 for all others. */
const STATUS: Readonly<Record<number, number>> = {
  [-32601]: 404, // method not found
  [-32020]: 400, // header mismatch
  [-32021]: 400, // missing client capability
  [-32022]: 400, // unsupported protocol version
};

const VERSION = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";

/** @param env variables of the proxies */
export function modernFace(env: Record<string, string>): Face {
  const routers: LineRouter[] = [startRouter(env)];

  /** Different HTTP clients may use the same id, which one stdio client would not. */
  function routerFor(id: Id): LineRouter {
    const free = routers.find((router) => !router.has(id));
    if (free) return free;
    const router = startRouter(env);
    routers.push(router);
    return router;
  }

  return {
    async answer(request) {
      if (request.method !== "POST") return new Response(null, { status: 405 });
      const message = await request.json();
      const refused = refusal(request.headers, message);
      if (refused) return refused;
      const router = routerFor(message.id);
      if (message.id !== undefined) return await exchange(message, router);
      await router.send(message);
      return new Response(null, { status: 202 });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(routers.map((router) => router[Symbol.asyncDispose]()));
    },
  };
}

/** What the HTTP side has to refuse by itself, since stdio has no headers that it could pass on. */
function refusal(headers: Headers, { id, method, params }: Message): Response | undefined {
  const refuse = (code: number, message: string) =>
    Response.json({ jsonrpc: "2.0", id: id ?? null, error: { code, message } }, { status: 400 });
  const meta = params?._meta;
  if (id !== undefined && !(meta?.[VERSION] && meta[CAPABILITIES])) {
    return refuse(-32602, "_meta lacks a required field");
  }
  const named = ["tools/call", "prompts/get"].includes(method)
    ? params.name
    : method === "resources/read"
    ? params.uri
    : undefined;
  const mirrored = { "MCP-Protocol-Version": meta?.[VERSION], "Mcp-Method": method };
  for (const [name, value] of Object.entries({ ...mirrored, "Mcp-Name": named })) {
    if (value === undefined || decoded(headers.get(name)) === value) continue;
    return refuse(-32020, `${name} does not match the body`);
  }
}

function decoded(value: string | null): string | null {
  const [, base64] = value?.match(/^=\?base64\?(.*)\?=$/) ?? [];
  if (base64 === undefined) return value;
  return new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
}

/** JSON where the response comes first, else an SSE stream that ends with it. */
async function exchange(message: Message, router: LineRouter): Promise<Response> {
  const { id } = message;
  const { readable, writable } = new TransformStream<Message, Message>(
    {},
    new CountQueuingStrategy({ highWaterMark: Infinity }),
    new CountQueuingStrategy({ highWaterMark: Infinity }),
  );
  const writer = writable.getWriter();
  await router.request(message, (answer) => {
    writer.write(answer);
    if (!("method" in answer)) writer.close();
  });
  const reader = readable.getReader();
  const first = (await reader.read()).value;
  if (!("method" in first)) {
    return Response.json(first, { status: STATUS[first.error?.code] ?? 200 });
  }

  const encoder = new TextEncoder();
  const event = (message: Message) => encoder.encode(`data: ${JSON.stringify(message)}\n\n`);
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(event(first)),
    async pull(controller) {
      const { value, done } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(event(value));
    },
    cancel: () => router.cancel(id),
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}
