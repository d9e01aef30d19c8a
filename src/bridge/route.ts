import { messageOf } from "../errors.ts";
import { type Message, paramOf } from "../json/jsonrpc.ts";
import type { Log } from "../log/log.ts";
import { METHOD } from "../mcp/methods.ts";
import { declaredVersion } from "../mcp/request_metadata.ts";
import { type Era, MODERN } from "../mcp/revisions.ts";
import { createEndpoint } from "../upstream/endpoint.ts";
import {
  afterInitialize,
  agreed,
  firstResponse,
  type Handshake,
  remember,
} from "../upstream/session.ts";
import { statelessHttp } from "../upstream/stateless_http.ts";
import type { Reply, Upstream, Waiting } from "../upstream/upstream.ts";
import { isResponse, upToResponse } from "./first_reply.ts";
import { createLane, type Lane } from "./lane.ts";
import { type LegacyOptions, legacyTransport } from "./legacy_transport.ts";
import { paramsOf } from "./request_text.ts";
import { objectOf, requestOf } from "./written.ts";
import { refusesLegacy, refusesModern } from "./refusal.ts";
import { wrongState } from "./replies.ts";
import { isOurs } from "./request_state.ts";
import { CLOSE_UNUSED_WITHIN } from "../limits.ts";

/** Settings of {@linkcode mcpServer}. */
export interface RouteOptions extends LegacyOptions {
  /**
   * Whether a client and a server of different eras are bridged.
   *
   * @default "auto"
   */
  readonly protocol?: "auto" | "pass-through";
  /**
   * Calls that may wait for a client's input at the same time.
   *
   * @default 256
   */
  readonly maxInFlight?: number;
  /** Called when it is known, or has changed, which eras are spoken. */
  readonly onRoute?: (client: Era, server: Era) => void;
}

/**
 * The MCP server for a client of either era. A message that declares its revision is a modern one,
 * any other belongs to a legacy session; a client may send both. Each era is tried as it is. Only if
 * the server refuses it and turns out to speak the other one, a bridge is put in between.
 */
export function mcpServer(url: string, log: Log, options: RouteOptions): Upstream {
  const { protocol = "auto", maxInFlight = 256, onRoute } = options;
  const endpoint = createEndpoint(url, options);
  const stateless = statelessHttp(endpoint, log);
  const connect = () => legacyTransport(endpoint, log, options);
  const handshake: Handshake = { inForce: new Map() };

  const native: Upstream = {
    // A state of a bridge that is not there any more: the server must not take it for its own.
    async send(message, waiting) {
      if (isOurs(paramOf(message, "requestState"))) return wrongState(message);
      const reply = await stateless.send(message, waiting);
      return message.method === METHOD.discover ? await upToResponse(reply, isResponse) : reply;
    },
    listen: async function* () {},
    close: () => Promise.resolve(),
  };
  const first = connect();
  if (protocol === "pass-through") return passThrough(native, first);

  const legacy: Lane = createLane({
    native: { ...first, send: (message, waiting) => sendLegacy(first, message, waiting) },
    isRefusal: refusesLegacy,
    check: () => requestOf('"mcp-oauth-proxy-ping"', METHOD.ping),
    async bridge(message, waiting) {
      const client = await createSessionClient();
      const initialize = message.method === METHOD.initialize ? message : handshake.initialize;
      if (!initialize || !await client.discover(initialize, waiting)) return undefined;
      return await ready(client, () => replay(client, [...handshake.inForce.values()], waiting));
    },
    isBridgeRefusal: refusesModern,
    async unbridge(_message, waiting) {
      if (!handshake.initialize) return undefined;
      const { initialize } = handshake;
      const begun = connect();
      return await ready(begun, async () => {
        await agreed((await begun.send(initialize, waiting)).messages);
        await replay(begun, afterInitialize(handshake), waiting);
      });
    },
    onSettled: (isBridged) => tell("legacy", isBridged ? "modern" : "legacy"),
    onProbeFailed: (error) => log.debug("OAuth Proxy", `No other era: ${messageOf(error)}`),
  });

  const modern: Lane = createLane({
    native,
    isRefusal: refusesModern,
    check(message) {
      const _meta = paramsOf(message).get("_meta") ?? "{}";
      return requestOf('"mcp-oauth-proxy-discover"', METHOD.discover, objectOf({ _meta }));
    },
    async bridge(message) {
      if (message.kind !== "request" || declaredVersion(message) !== MODERN) return undefined;
      const { statelessClient } = await import("./stateless_client.ts");
      const client = statelessClient(connect, { maxHeld: maxInFlight, log });
      await client.begin(message);
      return client;
    },
    isBridgeRefusal: refusesLegacy,
    async unbridge(message, waiting) {
      const client = await createSessionClient();
      const request = { ...message, text: ASKED_BY_US, requests: [], value: {} };
      return await client.discover(request, waiting) ? native : undefined;
    },
    onSettled: (isBridged) => tell("modern", isBridged ? "legacy" : "modern"),
    onProbeFailed: (error) => log.debug("OAuth Proxy", `No other era: ${messageOf(error)}`),
  });

  /** Bridges are loaded when they are first needed: most pairs match. */
  async function createSessionClient() {
    const { sessionClient } = await import("./session_client.ts");
    return sessionClient(stateless, log);
  }

  function tell(client: Era, server: Era): void {
    const bridge = client === server ? "no bridge is needed" : "the proxy bridges between them";
    log.info(
      "OAuth Proxy",
      `The client speaks ${NAMES[client]}, the server ${NAMES[server]}: ${bridge}`,
    );
    onRoute?.(client, server);
  }

  async function send(message: Message, waiting: Waiting): Promise<Reply> {
    if (declaredVersion(message) !== undefined) return await modern.send(message, waiting);
    const reply = await legacy.send(message, waiting);
    if (!reply.failure) remember(handshake, message);
    return reply;
  }

  return {
    send,
    listen: legacy.listen,
    close: async (signal) => void await Promise.all([legacy.close(signal), modern.close(signal)]),
  };
}

/** What the log calls the eras. */
const NAMES: Readonly<Record<Era, string>> = {
  legacy: "MCP 2025-11-25 or earlier",
  modern: "MCP 2026-07-28",
};

/** Stands for the `initialize` of a client that sends none. */
const ASKED_BY_US = '{"jsonrpc":"2.0","method":"initialize","params":{}}';

/** `initialize` may be answered on a stream, in which an error is a refusal too. */
async function sendLegacy(to: Upstream, message: Message, waiting: Waiting): Promise<Reply> {
  const reply = await to.send(message, waiting);
  return message.method === METHOD.initialize ? await upToResponse(reply) : reply;
}

/** The same connection, once it is prepared; it is closed if that fails. */
async function ready<T extends Upstream>(connection: T, prepare: () => Promise<void>): Promise<T> {
  try {
    await prepare();
    return connection;
  } catch (error) {
    connection.close(AbortSignal.timeout(CLOSE_UNUSED_WITHIN));
    throw error;
  }
}

/** Sends again what holds for the client's session. */
async function replay(
  to: Upstream,
  messages: readonly Message[],
  { signal, answered }: Waiting,
): Promise<void> {
  const done = new AbortController();
  const waiting = { signal: AbortSignal.any([signal, done.signal]), answered };
  try {
    for (const message of messages) {
      const reply = await to.send(message, waiting);
      if (message.requests.length > 0) await firstResponse(reply.messages);
    }
  } finally {
    done.abort(); // Streams that the server has left open.
  }
}

/** Each era as it is, without a bridge. */
function passThrough(modern: Upstream, legacy: Upstream): Upstream {
  return {
    send: (message, waiting) =>
      (declaredVersion(message) === undefined ? legacy : modern).send(message, waiting),
    listen: legacy.listen,
    close: legacy.close,
  };
}
