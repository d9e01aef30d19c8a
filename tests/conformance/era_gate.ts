/**
 * An HTTP server in front of the suite's: many of its servers answer clients of either era, and a
 * bridge is tested only if they do not.
 */

import { serveLocally } from "./serve_locally.ts";
import { MODERN_VERSION } from "./session.ts";

/** A running gate. */
export interface EraGate extends AsyncDisposable {
  /** The URL that stands for the server's. */
  readonly url: string;
}

/** Starts a gate to `serverUrl` that refuses POSTs of the given era, in plain text as some servers do. */
export function startEraGate(serverUrl: string, refused: "legacy" | "modern"): EraGate {
  const target = new URL(serverUrl);
  const { origin, stop } = serveLocally(async (request) => {
    const isModern = request.headers.get("mcp-protocol-version") === MODERN_VERSION;
    if (request.method === "POST" && isModern === (refused === "modern")) {
      return new Response("Bad Request: Unsupported protocol version", { status: 400 });
    }
    const { pathname, search } = new URL(request.url);
    const { method, body, signal } = request;
    const headers = new Headers(request.headers);
    headers.delete("host");
    const init = { method, headers, body, signal, redirect: "manual" } as const;
    const response = await fetch(`${target.origin}${pathname}${search}`, init);
    return new Response(response.body, { status: response.status, headers: response.headers });
  });
  return { url: `${origin}${target.pathname}${target.search}`, [Symbol.asyncDispose]: stop };
}
