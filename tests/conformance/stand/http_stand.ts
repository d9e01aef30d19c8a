/**
 * An HTTP server in front of the proxy: what comes by Streamable HTTP goes to a proxy's stdin, and what
 * its stdout says goes back. It lets the suite's server scenarios, which speak HTTP, test a server
 * through the proxy.
 */

import { hostHeaderValidationResponse, isLegacyRequest } from "@modelcontextprotocol/server";
import { serveLocally } from "../serve_locally.ts";
import { legacyFace } from "./legacy_face.ts";
import { modernFace } from "./modern_face.ts";

/** A running stand. */
export interface Stand extends AsyncDisposable {
  /** Its MCP endpoint. */
  readonly url: string;
}

/**
 * Starts it on a free port of 127.0.0.1.
 *
 * @param env variables of the proxies behind it
 */
export function startStand(env: Record<string, string>): Stand {
  const legacy = legacyFace(env);
  const modern = modernFace(env);
  const { origin, stop } = serveLocally(async (request) =>
    hostHeaderValidationResponse(request, ["127.0.0.1", "localhost"]) ??
      await (await isLegacyRequest(request) ? legacy : modern).answer(request)
  );
  return {
    url: `${origin}/mcp`,
    async [Symbol.asyncDispose]() {
      const faces = [legacy, modern].map((face) => face[Symbol.asyncDispose]());
      await Promise.all([stop(), ...faces]);
    },
  };
}
