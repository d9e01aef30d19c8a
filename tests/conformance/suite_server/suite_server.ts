/**
 * The kind of server that the official suite's server scenarios expect: one of the official SDK, with
 * the tools, resources and prompts that they name, for both eras of the protocol.
 */

import {
  createMcpHandler,
  hostHeaderValidationResponse,
  isLegacyRequest,
  McpServer,
} from "@modelcontextprotocol/server";
import { createEventStore } from "../../parts/event_store.ts";
import { createSessions } from "../../parts/mcp_sessions.ts";
import { serveLocally } from "../serve_locally.ts";
import { addAskingTools, stateCodec } from "./asking_tools.ts";
import { addPlainTools, type Announcements } from "./plain_tools.ts";
import { addPrompts, addResources } from "./resources_and_prompts.ts";

/** A running server. */
export interface SuiteServer extends AsyncDisposable {
  /** The MCP endpoint, open to all. */
  readonly url: string;
  /** The same endpoint for who has the token below. */
  readonly protectedUrl: string;
  /** A token endpoint that gives a token to anybody. */
  readonly tokenEndpoint: string;
}

function createServer(announce: Announcements): McpServer {
  const server = new McpServer({ name: "suite-server", version: "1.0.0" }, {
    capabilities: {
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { subscribe: true, listChanged: true },
      logging: {},
      completions: {},
    },
    requestState: { verify: (state, ctx) => stateCodec.verify(state, ctx) },
  });
  addPlainTools(server, announce);
  addAskingTools(server);
  addResources(server);
  addPrompts(server);
  return server;
}

/**
 * Starts it on a free port of 127.0.0.1.
 *
 * @param era the only one of the protected endpoint, which refuses the other in plain text
 */
export function startSuiteServer(era?: "legacy" | "modern"): SuiteServer {
  const make = (): McpServer => createServer(announce);
  const modern = createMcpHandler(make, { legacy: "reject" });
  const sessions = createSessions(make, { eventStore: createEventStore(), retryInterval: 500 });
  const announce: Announcements = {
    tools() {
      for (const server of sessions.servers()) server.sendToolListChanged();
      modern.notify.toolsChanged();
    },
    prompts() {
      for (const server of sessions.servers()) server.sendPromptListChanged();
      modern.notify.promptsChanged();
    },
  };

  const token = crypto.randomUUID();
  const authInfo = { token, clientId: "suite", scopes: [] };
  const endpoint = async (request: Request) =>
    hostHeaderValidationResponse(request, ["127.0.0.1", "localhost"]) ??
      (await isLegacyRequest(request)
        ? sessions.handle(request, authInfo)
        : modern.fetch(request, { authInfo }));
  const endpointOfEra = async (request: Request) =>
    era && (era === "legacy") !== await isLegacyRequest(request.clone())
      ? new Response("Bad Request: Unsupported protocol version", { status: 400 })
      : await endpoint(request);
  const routes: Record<string, (request: Request) => Promise<Response> | Response> = {
    "/token": () => Response.json({ access_token: token, token_type: "Bearer", expires_in: 3600 }),
    "/mcp": endpoint,
    "/protected": (request) =>
      request.headers.get("authorization") === `Bearer ${token}`
        ? endpointOfEra(request)
        : new Response(null, { status: 401, headers: { "www-authenticate": "Bearer" } }),
  };
  const { origin, stop } = serveLocally((request) =>
    routes[new URL(request.url).pathname]?.(request) ?? new Response(null, { status: 404 })
  );
  return {
    url: `${origin}/mcp`,
    protectedUrl: `${origin}/protected`,
    tokenEndpoint: `${origin}/token`,
    async [Symbol.asyncDispose]() {
      await Promise.all([sessions.closeAll(), modern.close()]);
      await stop();
    },
  };
}
