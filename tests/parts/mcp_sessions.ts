import {
  type AuthInfo,
  type McpServer,
  WebStandardStreamableHTTPServerTransport as Transport,
  type WebStandardStreamableHTTPServerTransportOptions as TransportOptions,
} from "@modelcontextprotocol/server";

/** The server side of Streamable HTTP with sessions (2025-03-26 to 2025-11-25). */
export interface McpSessions {
  /** Answers a request inside its session, or opens one for `initialize`. */
  handle(request: Request, authInfo: AuthInfo): Promise<Response>;
  /** The servers of the open sessions. */
  servers(): McpServer[];
  /** Ends every session from the server's side; their ids get 404 from now on. */
  closeAll(): Promise<void>;
}

/**
 * @param createServer makes the server of a new session
 * @param options of each session's transport
 */
export function createSessions(
  createServer: () => McpServer,
  options: TransportOptions,
): McpSessions {
  const sessions = new Map<string, { transport: Transport; server: McpServer }>();

  async function open(request: Request, authInfo: AuthInfo): Promise<Response> {
    const server = createServer();
    const transport = new Transport({
      ...options,
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, { transport, server }),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    await server.connect(transport);
    const response = await transport.handleRequest(request, { authInfo });
    if (transport.sessionId === undefined) await server.close();
    return response;
  }

  return {
    handle(request, authInfo) {
      const id = request.headers.get("mcp-session-id");
      if (id === null) return open(request, authInfo);
      const session = sessions.get(id);
      return session
        ? session.transport.handleRequest(request, { authInfo })
        : Promise.resolve(sessionNotFound());
    },
    servers: () => [...sessions.values()].map(({ server }) => server),
    async closeAll() {
      const open = [...sessions.values()];
      sessions.clear();
      await Promise.all(open.map(({ server }) => server.close()));
    },
  };
}

/** The answer of the official SDK to a session id that it does not know. */
function sessionNotFound(): Response {
  const error = { code: -32001, message: "Session not found" };
  return Response.json({ jsonrpc: "2.0", error, id: null }, { status: 404 });
}
