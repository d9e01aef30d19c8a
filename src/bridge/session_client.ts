import { createQueue } from "../async/queue.ts";
import { ProxyError } from "../errors.ts";
import { type Message, paramOf } from "../json/jsonrpc.ts";
import { asObject, type JsonObject } from "../json/value.ts";
import type { Log } from "../log/log.ts";
import { METHOD } from "../mcp/methods.ts";
import { META } from "../mcp/request_metadata.ts";
import { MODERN } from "../mcp/revisions.ts";
import type { Reply, Upstream, Waiting } from "../upstream/upstream.ts";
import { bridgeable, type Capabilities } from "./capabilities.ts";
import { discover as askServer, initializeResult } from "./discovery.ts";
import { createClientRequests, noInput } from "./client_requests.ts";
import { mayAskForInput, untilComplete } from "./input_rounds.ts";
import { paramsOf, withParams } from "./request_text.ts";
import { type Members, requestOf } from "./written.ts";
import { failed, NO_REPLY, succeeded } from "./replies.ts";
import { createServerSubscription } from "./server_subscription.ts";
import { splitBatch } from "./batch.ts";

/** A legacy client in front of a modern server. */
export interface SessionClient extends Upstream {
  /**
   * Sends `server/discover` to the server, for a client that has sent `initialize`.
   *
   * @returns whether it is a modern server
   * @throws {ProxyError} if it does not answer
   */
  discover(initialize: Message, waiting: Waiting): Promise<boolean>;
}

/**
 * Lets a client that begins a session with `initialize` use a server of 2026-07-28, which has no
 * sessions: what belongs to a session is kept here and sent with each request.
 *
 * @param server sends to the modern server
 */
export function sessionClient(server: Pick<Upstream, "send">, log: Log): SessionClient {
  let clientInfo = "{}";
  let capabilities: Capabilities = {};
  let discovered: JsonObject = {};
  /** The `initialize` that the latest discovery was made for. */
  let discoveredFor: Message | undefined;
  let logLevel: string | undefined;
  let sentAgain = 0;
  /** What the client hears outside of any request. */
  const own = createQueue<string>();
  const requests = createClientRequests((text) => void own.push(text));
  const subscription = createServerSubscription({
    open: (params, id, waiting) =>
      server.send(withMeta(requestOf(id, METHOD.listen, params)), waiting),
    offered: () => asObject(discovered.capabilities),
    deliver: (text) => own.push(text),
    log,
  });

  function withMeta(message: Message): Message {
    return withParams(message, { meta: metadata() });
  }

  function metadata(): Record<string, string> {
    return {
      [META.version]: JSON.stringify(MODERN),
      [META.clientInfo]: clientInfo,
      [META.clientCapabilities]: JSON.stringify(capabilities),
      ...(logLevel === undefined ? {} : { [META.logLevel]: logLevel }),
    };
  }

  async function discover(initialize: Message, waiting: Waiting): Promise<boolean> {
    const params = paramsOf(initialize);
    clientInfo = params.get("clientInfo") ?? "{}";
    capabilities = bridgeable(JSON.parse(params.get("capabilities") ?? "{}"));
    const request = withMeta(requestOf('"mcp-oauth-proxy-discover"', METHOD.discover));
    const found = await askServer(() => server.send(request, waiting));
    if (!found) return false;
    discovered = found;
    discoveredFor = initialize;
    return true;
  }

  async function initialize(message: Message, waiting: Waiting): Promise<Reply> {
    if (message !== discoveredFor && !await discover(message, waiting)) {
      throw new ProxyError("bad_response", `The MCP server does not speak ${MODERN}`, {
        mayHaveRun: false,
      });
    }
    logLevel = undefined;
    return succeeded(message, initializeResult(discovered, message));
  }

  /** What the bridge does with requests by method; the server gets the others with their metadata. */
  const ROWS: Readonly<Record<string, (message: Message, waiting: Waiting) => Promise<Reply>>> = {
    [METHOD.initialize]: initialize,
    [METHOD.ping]: (message) => Promise.resolve(succeeded(message)),
    [METHOD.setLevel](message) {
      logLevel = paramsOf(message).get("level");
      return Promise.resolve(succeeded(message));
    },
    async [METHOD.subscribe](message) {
      const error = await subscription.subscribe(String(paramOf(message, "uri")));
      return error ? failed(message, error) : succeeded(message);
    },
    async [METHOD.unsubscribe](message) {
      await subscription.unsubscribe(String(paramOf(message, "uri")));
      return succeeded(message);
    },
  };

  async function send(message: Message, waiting: Waiting): Promise<Reply> {
    const { kind, method = "" } = message;
    if (kind === "batch") return splitBatch(message, (part) => send(part, waiting));
    if (kind === "response") requests.answer(message);
    // A modern server hears no notifications: a cancellation is the end of its response stream.
    if (kind !== "request") return NO_REPLY;
    return await (Object.hasOwn(ROWS, method) ? ROWS[method] : sendOn)(message, waiting);
  }

  /** Sends a request to the server, again with input if its result asks for some. */
  async function sendOn(message: Message, waiting: Waiting): Promise<Reply> {
    const first = await server.send(withMeta(message), waiting);
    if (!mayAskForInput(first)) return first;
    const sendAgain = (params: Members) => {
      const id = JSON.stringify(`mcp-oauth-proxy-again-${++sentAgain}`);
      return server.send(withMeta(withParams(message, { params, id })), waiting);
    };
    const messages = untilComplete({ message, first, waiting, capabilities, requests, sendAgain });
    return { kind: "stream", messages };
  }

  async function* listen(signal: AbortSignal): AsyncGenerator<string> {
    subscription.start(signal);
    signal.addEventListener("abort", () => own.end(), { once: true });
    if (signal.aborted) return;
    yield* own;
  }

  function close(): Promise<void> {
    subscription.stop();
    requests.close(noInput("The connection to the MCP server ended before the input arrived"));
    own.drop();
    return Promise.resolve();
  }

  return { discover, send, listen, close };
}
