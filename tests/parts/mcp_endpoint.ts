import {
  type AuthInfo,
  createMcpHandler,
  isLegacyRequest,
  legacyStatelessFallback,
  type McpServer,
  WebStandardStreamableHTTPServerTransport as Transport,
} from "@modelcontextprotocol/server";
import { createEventStore } from "./event_store.ts";
import { createSessions } from "./mcp_sessions.ts";

/** How an MCP endpoint behaves on the wire. */
export interface McpEndpointOptions {
  /** How requests are answered: a JSON body, or an SSE stream. @default {"sse"} */
  readonly answers?: "json" | "sse";
  /** Whether `initialize` opens a session; legacy era only. @default {true} */
  readonly sessions?: boolean;
  /** Whether broken SSE streams can be resumed with `Last-Event-ID`. @default {false} */
  readonly resumable?: boolean;
  /** Milliseconds that SSE streams tell clients to wait before resuming; needs `resumable`. */
  readonly retryMs?: number;
  /** Which protocol eras are served: up to 2025-11-25, from 2026-07-28, both. @default {"legacy"} */
  readonly era?: "legacy" | "modern" | "both";
}

/** An MCP endpoint behind whatever decides who may use it. */
export interface McpEndpoint {
  /** Answers one HTTP request. */
  handle(request: Request, authInfo: AuthInfo): Promise<Response>;
  /** Sends `notifications/tools/list_changed` on every GET or listen stream. */
  announceTools(): void;
  /** Sends `notifications/resources/updated` to who subscribed. */
  announceResource(uri: string): void;
  /** Tells the servers of the legacy era: one event for each change, whose type is the URI. */
  readonly resourceChanges: EventTarget;
  /** Forgets every session; their ids get 404. */
  forgetSessions(): Promise<void>;
  /** Ends what is open. */
  close(): Promise<void>;
}

/** The proxy has to pass on messages of 32 MB; the SDK stops at 4 MiB by default. */
const maxRequestBodySize = 64 * 1024 * 1024;

/**
 * Streamable HTTP by the official SDK, in every shape that a client may meet.
 *
 * @param createServer makes an MCP server; called per session, or per request where there are none
 */
export function createEndpoint(
  createServer: () => McpServer,
  { answers = "sse", era = "legacy", ...options }: McpEndpointOptions,
): McpEndpoint {
  const sessions = createSessions(createServer, {
    enableJsonResponse: answers === "json",
    eventStore: options.resumable ? createEventStore() : undefined,
    retryInterval: options.retryMs,
    maxRequestBodySize,
  });
  const stateless = legacyStatelessFallback(createServer, undefined, { maxRequestBodySize });
  const strict = era === "legacy" ? undefined : createMcpHandler(createServer, {
    legacy: "reject",
    responseMode: answers,
    maxRequestBodySize,
  });

  const modern = (request: Request, authInfo: AuthInfo) => strict!.fetch(request, { authInfo });
  const legacy = options.sessions !== false
    ? sessions.handle
    : answers === "json"
    ? answerInJson
    : (request: Request, authInfo: AuthInfo) => stateless(request, { authInfo });

  /** The SDK's stateless fallback streams only. */
  async function answerInJson(request: Request, authInfo: AuthInfo): Promise<Response> {
    if (request.method !== "POST") return stateless(request, { authInfo });
    const server = createServer();
    const transport = new Transport({ enableJsonResponse: true, maxRequestBodySize });
    await server.connect(transport);
    const response = await transport.handleRequest(request, { authInfo });
    await server.close();
    return response;
  }

  const handlers: Record<typeof era, McpEndpoint["handle"]> = {
    legacy,
    modern,
    async both(request, authInfo) {
      const isLegacy = await isLegacyRequest(request, undefined, { maxRequestBodySize });
      return isLegacy ? legacy(request, authInfo) : modern(request, authInfo);
    },
  };
  const resourceChanges = new EventTarget();
  return {
    handle: handlers[era],
    announceResource(uri) {
      resourceChanges.dispatchEvent(new Event(uri));
      strict?.notify.resourceUpdated(uri);
    },
    resourceChanges,
    announceTools() {
      for (const server of sessions.servers()) server.sendToolListChanged();
      strict?.notify.toolsChanged();
    },
    forgetSessions: sessions.closeAll,
    async close() {
      await Promise.all([sessions.closeAll(), strict?.close()]);
    },
  };
}
