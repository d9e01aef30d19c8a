import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";
import {
  type CallToolRequest,
  CallToolRequestSchema,
  ListToolsRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import type { AuthorizationServer } from "./authorization_server.ts";
import { History } from "./history.ts";
import { createTokenVerifier } from "./token_verifier.ts";

/** One HTTP request, recorded as it comes. */
export interface HttpSseRequest {
  readonly method: string;
  readonly path: string;
  /** Whether it carried a token that is good. */
  readonly authorized: boolean;
}

/** A running server of the 2024-11-05 transport. */
export interface HttpSseServer extends AsyncDisposable {
  /** Where the stream is. */
  readonly url: string;
  readonly requests: History<HttpSseRequest>;
  /** Sends `notifications/tools/list_changed` on every stream. */
  announceTools(): void;
  /** Cuts every stream, and with it ends every session. */
  cutStreams(): void;
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
}

/**
 * Starts the server side of HTTP+SSE that the official SDK had up to its version 1, behind OAuth
 * on 127.0.0.1: `GET /sse` is the stream, `POST /messages` takes messages.
 */
export async function startHttpSseServer(
  authorizationServer: AuthorizationServer,
): Promise<HttpSseServer> {
  const requests = new History<HttpSseRequest>("HTTP+SSE requests");
  const open = new Map<string, { transport: SSEServerTransport; server: Server }>();

  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/sse`;
  authorizationServer.protect(url, ["mcp:tools"]);
  const verifier = await createTokenVerifier(authorizationServer, url);

  async function isAuthorized({ headers }: IncomingMessage): Promise<boolean> {
    const token = headers.authorization?.replace(/^Bearer /, "") ?? "";
    return await verifier.verifyAccessToken(token).then(() => true, () => false);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method!;
    const { pathname, searchParams } = new URL(request.url!, url);
    const authorized = await isAuthorized(request);
    requests.record({ method, path: pathname, authorized });
    if (!authorized) return void response.writeHead(401).end();
    if (method === "GET" && pathname === "/sse") return await openStream(response);
    const session = open.get(searchParams.get("sessionId") ?? "");
    if (method === "POST" && pathname === "/messages" && session) {
      return await session.transport.handlePostMessage(request, response);
    }
    response.writeHead(404).end(`Cannot ${method} ${pathname}`);
  }

  async function openStream(response: ServerResponse): Promise<void> {
    const transport = new SSEServerTransport("/messages", response);
    const server = createToolServer();
    open.set(transport.sessionId, { transport, server });
    response.once("close", () => open.delete(transport.sessionId));
    await server.connect(transport);
  }

  http.on("request", (request, response) => {
    answer(request, response).catch((error) => {
      console.error("The HTTP+SSE server failed:", error);
      response.destroy();
    });
  });

  const close = () =>
    new Promise<void>((resolve) => {
      http.close(() => resolve());
      http.closeAllConnections();
    });
  return {
    url,
    requests,
    announceTools() {
      for (const { server } of open.values()) server.sendToolListChanged();
    },
    cutStreams() {
      for (const { transport } of open.values()) transport.close();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Tools by name, each with what it does; its result is text. */
const TOOLS: Readonly<
  Record<string, (server: Server, params: CallToolRequest["params"]) => Promise<string> | string>
> = {
  echo: (_server, { arguments: args }) => args!.text as string,
  async countdown(server, { arguments: args, _meta }) {
    const total = args!.from as number;
    for (let progress = 1; progress <= total; progress++) {
      const params = { progressToken: _meta!.progressToken!, progress, total };
      await server.notification({ method: "notifications/progress", params });
    }
    return "Liftoff";
  },
  async ask_name(server) {
    const { content } = await server.elicitInput({
      message: "What is your name?",
      requestedSchema: { type: "object", properties: { name: { type: "string" } } },
    });
    return `Hello, ${content?.name}`;
  },
};

function createToolServer(): Server {
  const server = new Server({ name: "http-sse-server", version: "1.0.0" }, {
    capabilities: { tools: { listChanged: true } },
  });
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: Object.keys(TOOLS).map((name) => ({ name, inputSchema: { type: "object" as const } })),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }: CallToolRequest) => ({
    content: [{ type: "text" as const, text: await TOOLS[params.name](server, params) }],
  }));
  return server;
}
