/** The two eras of the protocol as one thing: something that calls methods. */

import type { Handlers, Json, StdioClient } from "./stdio_client.ts";

/** A server that is ready for requests. */
export interface Session {
  /** Calls a method; as {@linkcode StdioClient.request}. */
  call(method: string, params?: Json): Promise<Json>;
}

/** The revision since which there is no handshake. */
export const MODERN_VERSION = "2026-07-28";
/** The latest revision with one. */
export const LEGACY_VERSION = "2025-11-25";

const clientInfo = { name: "conformance-client", version: "1.0.0" };

/** Initialises as clients did until 2025-11-25. */
export async function legacySession(client: StdioClient, version: string): Promise<Session> {
  await client.request("initialize", {
    protocolVersion: version,
    capabilities: { roots: {}, sampling: {}, elicitation: {} },
    clientInfo,
  });
  await client.notify("notifications/initialized");
  return { call: (method, params) => client.request(method, params) };
}

/** A session in which results that ask for input are answered by the client's handlers. */
export function answeringSession(session: Session, handlers: Handlers): Session {
  return {
    async call(method, params = {}) {
      let result = await session.call(method, params);
      while (result.resultType === "input_required") {
        const asked = Object.entries(result.inputRequests as Record<string, Asked>);
        const inputResponses = Object.fromEntries(
          asked.map(([key, { method, params }]) => [key, handlers[method](params)]),
        );
        const { requestState } = result;
        result = await session.call(method, { ...params, inputResponses, requestState });
      }
      return result;
    },
  };
}

interface Asked {
  readonly method: string;
  readonly params: Json;
}

/** Puts into each request what 2026-07-28 asks for, naming `version` as the protocol's. */
export function modernSession(client: StdioClient, version = MODERN_VERSION): Session {
  const meta = {
    "io.modelcontextprotocol/protocolVersion": version,
    "io.modelcontextprotocol/clientInfo": clientInfo,
    "io.modelcontextprotocol/clientCapabilities": { roots: {}, sampling: {}, elicitation: {} },
  };
  return {
    call: (method, params = {}) =>
      client.request(method, { ...params, _meta: { ...params._meta as Json, ...meta } }),
  };
}
