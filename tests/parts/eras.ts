import { modernCall } from "./modern_messages.ts";
import type { ProxyOptions } from "./proxy.ts";
import { accepted, ANSWERS, event, openBody, reply } from "./scripted_answers.ts";
import { initialize, type Scripted, withProxy } from "./scripted_proxy.ts";
import type { Answer, Script, ScriptedRequest } from "./scripted_server.ts";

// Scripted servers of one era, and clients of the other.

/** The revision of modern servers. */
export const MODERN = "2026-07-28";
/** Whether a request follows that revision. */
export const isModern = ({ headers }: ScriptedRequest) =>
  headers["mcp-protocol-version"] === MODERN;

/** What a server of 2026-07-28 says it is. */
export const discovered: Answer = (request) =>
  reply(request, {
    resultType: "complete",
    supportedVersions: [MODERN],
    capabilities: { tools: {} },
    _meta: { "io.modelcontextprotocol/serverInfo": { name: "modern", version: "1" } },
  });

/** A server of 2026-07-28, which refuses everything else with `refusal`. */
export function modernOnly(script: Script, refusal: Answer): Script {
  const wrapped = { "server/discover": discovered, ...script };
  const guarded = Object.entries(wrapped).map(([name, answer]) =>
    [
      name,
      (request: ScriptedRequest) => isModern(request) ? answer(request) : refusal(request),
    ] as const
  );
  return {
    message: (request) => (isModern(request) ? ANSWERS.message : refusal)(request),
    ...Object.fromEntries(guarded),
  };
}

/** A refusal without JSON-RPC. */
export const inText: Answer = () => new Response("Unsupported protocol version", { status: 400 });

/** Runs a test with a legacy client that has begun its session over the bridge. */
export function withBridge(
  script: Script,
  test: (scripted: Scripted) => Promise<void>,
  options: ProxyOptions = {},
): Promise<void> {
  return withProxy(modernOnly(script, inText), async (scripted) => {
    await scripted.proxy.send(initialize());
    await scripted.proxy.response("initialize");
    await scripted.proxy.send({ jsonrpc: "2.0", method: "notifications/initialized" });
    await test(scripted);
  }, { ...options, revision: null });
}

/** A legacy server whose `tools/call` asks the user, and answers once it has the response. */
export function asking(): Script {
  const body = openBody();
  let id: unknown;
  return {
    "server/discover": inText,
    "tools/call": (request) => {
      if (isModern(request)) return inText(request);
      id = request.message.id;
      body.send(
        event({
          jsonrpc: "2.0",
          id: "q",
          method: "elicitation/create",
          params: { message: "Who?" },
        }),
      );
      return body.response;
    },
    response: ({ message }) => {
      body.send(
        event({ jsonrpc: "2.0", id, result: { content: [], who: message.result.content } }),
      );
      return accepted();
    },
  };
}

/** A `tools/call` of a client that can answer questions. */
export function askingCall(id: number, more: Record<string, unknown> = {}) {
  const { params, ...request } = modernCall(id);
  const _meta = {
    ...params._meta as Record<string, unknown>,
    "io.modelcontextprotocol/clientCapabilities": { elicitation: { form: {} } },
  };
  return { ...request, params: { ...params, _meta, ...more } };
}
