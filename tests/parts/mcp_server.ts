import {
  getOAuthProtectedResourceMetadataUrl,
  requireBearerAuth,
} from "@modelcontextprotocol/server";
import type { AuthorizationServer } from "./authorization_server.ts";
import { History } from "./history.ts";
import { createEndpoint, type McpEndpoint, type McpEndpointOptions } from "./mcp_endpoint.ts";
import { createToolServer, type ToolCall } from "./mcp_tools.ts";
import { createTokenVerifier, type TokenIssuer } from "./token_verifier.ts";

/** Settings of {@linkcode startMcpServer}. */
export interface McpServerOptions extends McpEndpointOptions {
  /** Whose tokens are accepted. The server registers itself there as a resource. */
  readonly authorizationServer: TokenIssuer & Partial<Pick<AuthorizationServer, "protect">>;
  /** Scopes without which a token gets 403 `insufficient_scope`. @default {[]} */
  readonly requiredScopes?: readonly string[];
  /** Scopes that the protected resource metadata lists. @default {["mcp:tools", "mcp:admin"]} */
  readonly scopes?: readonly string[];
  /**
   * How clients learn of the protected resource metadata (RFC 9728): named in the 401, only at the
   * well-known place, not at all. @default {"challenge"}
   */
  readonly metadata?: "challenge" | "well-known" | "none";
  /** Path of the MCP endpoint. @default {"/mcp"} */
  readonly path?: string;
  /** Port on 127.0.0.1, to come back at the same place; 0 takes a free one. @default {0} */
  readonly port?: number;
}

/** One HTTP request and the status it got. */
export interface HttpExchange {
  readonly method: string;
  readonly path: string;
  /** Request headers by lower-case name, without the token. */
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number;
}

/** A running protected MCP server. */
export interface RunningMcpServer extends AsyncDisposable {
  /** The MCP endpoint, which is also the resource identifier (RFC 8707). */
  readonly url: string;
  /** Every HTTP request, recorded as its response begins. */
  readonly requests: History<HttpExchange>;
  /** Every tool call, as it starts and as it ends. */
  readonly calls: History<ToolCall>;
  /** Lets `slow` calls without a time and `countdown` on hold end, those to come as well. */
  release(): void;
  /** Refuses every token accepted so far with 401 `invalid_token`. */
  revokeTokens(): void;
  /** Forgets every session, as a restart would; their ids get 404. */
  forgetSessions(): Promise<void>;
  /** Sends `notifications/tools/list_changed` to every client, on its GET or listen stream. */
  announceTools(): void;
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
}

/** Starts an MCP server of the official SDK behind OAuth on 127.0.0.1. */
export async function startMcpServer(options: McpServerOptions): Promise<RunningMcpServer> {
  const { authorizationServer, path = "/mcp", port = 0, metadata = "challenge" } = options;
  const { scopes = ["mcp:tools", "mcp:admin"], requiredScopes = [] } = options;

  const calls = new History<ToolCall>("tool calls");
  const released = Promise.withResolvers<void>();
  const endpoint: McpEndpoint = createEndpoint(
    () =>
      createToolServer({
        calls,
        released: released.promise,
        announceTools: () => endpoint.announceTools(),
        announceResource: (uri) => endpoint.announceResource(uri),
        resourceChanges: endpoint.resourceChanges,
      }),
    options,
  );

  const requests = new History<HttpExchange>("MCP server requests");
  const stopped = new AbortController();
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port,
    signal: stopped.signal,
    onListen() {},
  }, async (incoming, { completed }) => {
    const request = withSignalOfLoss(incoming, completed);
    const response = await answer(request);
    const { authorization: _secret, ...headers } = Object.fromEntries(request.headers);
    const { method, url } = request;
    requests.record({ method, path: new URL(url).pathname, headers, status: response.status });
    return response;
  });

  const url = `http://127.0.0.1:${server.addr.port}${path}`;
  const metadataUrl = getOAuthProtectedResourceMetadataUrl(new URL(url));
  const verifier = await createTokenVerifier(authorizationServer, url);
  authorizationServer.protect?.(url, scopes);
  const authenticate = requireBearerAuth({
    verifier,
    requiredScopes: [...requiredScopes],
    resourceMetadataUrl: metadata === "challenge" ? metadataUrl : undefined,
    expectedResource: new URL(url),
  });

  async function answer(request: Request): Promise<Response> {
    if (request.url === metadataUrl && metadata !== "none") {
      return Response.json({
        resource: url,
        authorization_servers: [authorizationServer.issuer],
        scopes_supported: scopes,
        bearer_methods_supported: ["header"],
      });
    }
    if (new URL(request.url).pathname !== path) return new Response(null, { status: 404 });
    const auth = await authenticate(request);
    return auth instanceof Response ? auth : endpoint.handle(request, auth);
  }

  const close = async () => {
    await endpoint.close();
    stopped.abort();
    await server.finished;
  };
  return {
    url,
    requests,
    calls,
    release: () => released.resolve(),
    revokeTokens: () => verifier.revokeAll(),
    forgetSessions: () => endpoint.forgetSessions(),
    announceTools: () => endpoint.announceTools(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * The request with a signal that aborts where its client has gone, and only there: the signal that
 * `Deno.serve` gives it aborts after every response as well.
 */
function withSignalOfLoss(request: Request, completed: Promise<void>): Request {
  const lost = new AbortController();
  completed.catch(() => lost.abort());
  const { method, headers, body } = request;
  return new Request(request.url, { method, headers, body, signal: lost.signal });
}
