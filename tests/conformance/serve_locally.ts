/** An HTTP server on a free port of 127.0.0.1. */
export interface LocalServer {
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string;
  /** Stops listening and cuts every connection. */
  stop(): Promise<void>;
}

/**
 * Starts one. Requests come without the signal that `Deno.serve` gives them: it aborts after every
 * response, where who reads it wants to know that the client has gone.
 */
export function serveLocally(
  handle: (request: Request) => Response | Promise<Response>,
): LocalServer {
  const stopped = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, signal: stopped.signal, onListen() {} },
    ({ url, method, headers, body }) => handle(new Request(url, { method, headers, body })),
  );
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    async stop() {
      stopped.abort();
      await server.finished;
    },
  };
}
