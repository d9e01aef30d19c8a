import { createQueue } from "../async/queue.ts";
import { ProxyError, wrapped } from "../errors.ts";
import { errorReply, type Message } from "../json/jsonrpc.ts";
import { isJson } from "../json/check.ts";
import { memberSpan } from "../json/spans.ts";
import { stringOf, type Text } from "../json/text.ts";
import type { Log } from "../log/log.ts";
import { METHOD } from "../mcp/methods.ts";
import { META } from "../mcp/request_metadata.ts";
import { LEGACY, LEGACY_REVISIONS, MODERN } from "../mcp/revisions.ts";
import { firstResponse } from "../upstream/session.ts";
import type { Reply, Upstream, Waiting } from "../upstream/upstream.ts";
import { asObject, bridgeable, type Capabilities } from "./capabilities.ts";
import { createQuestions } from "./questions.ts";
import { paramsOf, requestOf, resultReply, withParams } from "./messages.ts";
import { createServerSubscription } from "./server_subscription.ts";
import { readReceived } from "./received.ts";
import { splitBatch } from "./batch.ts";

/** A legacy client in front of a modern server. */
export interface SessionClient extends Upstream {
  /**
   * Asks the server what it is, for a client that has sent `initialize`.
   *
   * @returns whether it is a modern server
   * @throws {ProxyError} if it does not answer
   */
  discover(initialize: Message, waiting: Waiting): Promise<boolean>;
}

const NONE: Reply = { kind: "none", messages: [] };

/**
 * Lets a client that begins a session with `initialize` use a server of 2026-07-28, which has no
 * sessions: what belongs to a session is kept here and sent with each request.
 *
 * @param server sends to the modern server
 */
export function sessionClient(server: Pick<Upstream, "send">, log: Log): SessionClient {
  let clientInfo = "{}";
  let capabilities: Capabilities = {};
  let discovered: Record<string, unknown> = {};
  /** The `initialize` that the latest discovery was made for. */
  let discoveredFor: Message | undefined;
  let logLevel: string | undefined;
  /** What the client hears outside of any request. */
  const own = createQueue<string>();
  const questions = createQuestions(() => capabilities, (text) => void own.push(text));
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
    const reply = await server.send(request, waiting);
    const answer = await firstResponse(reply.messages);
    const result = asObject(answer?.value.result);
    const { supportedVersions } = result;
    // Some servers call everything a success.
    if (!Array.isArray(supportedVersions) || !supportedVersions.includes(MODERN)) return false;
    discovered = result;
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
    const asked = message.value.params?.protocolVersion;
    const result = {
      protocolVersion: LEGACY_REVISIONS.includes(asked) ? asked : LEGACY,
      capabilities: bridgeable(discovered.capabilities),
      serverInfo: asObject(discovered._meta)[META.serverInfo] ?? { name: "unknown", version: "" },
      instructions: discovered.instructions,
    };
    return single(resultReply(message.requests[0], JSON.stringify(result)));
  }

  /** What the bridge answers itself. */
  const LOCAL: Readonly<Record<string, (message: Message, waiting: Waiting) => Promise<Reply>>> = {
    [METHOD.initialize]: initialize,
    [METHOD.ping]: (message) => Promise.resolve(empty(message)),
    [METHOD.setLevel](message) {
      logLevel = paramsOf(message).get("level");
      return Promise.resolve(empty(message));
    },
    async [METHOD.subscribe](message) {
      const error = await subscription.subscribe(String(message.value.params?.uri));
      return error ? single(errorReply(message.requests[0], error)) : empty(message);
    },
    async [METHOD.unsubscribe](message) {
      await subscription.unsubscribe(String(message.value.params?.uri));
      return empty(message);
    },
  };

  async function send(message: Message, waiting: Waiting): Promise<Reply> {
    const { kind, method = "" } = message;
    if (kind === "batch") return splitBatch(message, (part) => send(part, waiting));
    if (kind === "response") questions.answer(message);
    // A modern server hears no notifications: a cancellation is the end of its response stream.
    if (kind !== "request") return NONE;
    if (Object.hasOwn(LOCAL, method)) return await LOCAL[method](message, waiting);
    const reply = await server.send(withMeta(message), waiting);
    if (reply.kind !== "stream" && !reply.messages.some(mayAskForInput)) return reply;
    return { kind: "stream", messages: untilComplete(message, reply, waiting) };
  }

  /** The messages of a request until its result is complete, over as many rounds as it takes. */
  async function* untilComplete(
    message: Message,
    first: Reply,
    waiting: Waiting,
  ): AsyncGenerator<Text> {
    const rounds = questions.rounds(message);
    let reply = first;
    for (;;) {
      let result: string | undefined;
      for await (const text of reply.messages) {
        result = mayAskForInput(text) ? inputRequired(text) : undefined;
        if (result !== undefined) break;
        yield rounds.addressed(text);
      }
      if (result === undefined) return;
      const answered = yield* rounds.ask(result, waiting.signal);
      if (answered === undefined) return;
      const again = withMeta(withParams(message, { params: answered.params, id: answered.id }));
      reply = await server.send(again, waiting).catch((error) => {
        throw afterInput(error);
      });
    }
  }

  async function* listen(signal: AbortSignal): AsyncGenerator<string> {
    subscription.start(signal);
    signal.addEventListener("abort", () => own.end(), { once: true });
    if (signal.aborted) return;
    yield* own;
  }

  function close(): Promise<void> {
    subscription.stop();
    own.drop();
    return Promise.resolve();
  }

  return { discover, send, listen, close };
}

function single(text: string): Reply {
  return { kind: "single", messages: [text] };
}

function empty({ requests }: Message): Reply {
  return single(resultReply(requests[0], "{}"));
}

/** A quick look, since almost no result does. */
function mayAskForInput(text: Text): boolean {
  return text.includes("input_required");
}

/** The result of a response that asks for input, as it is written. */
function inputRequired(text: Text): string | undefined {
  const received = readReceived(text);
  if (received.kind !== "response" || !received.message && !isJson(text)) return undefined;
  const written = stringOf(received.text).trim();
  const result = memberSpan(written, "result");
  const type = result && written[result[0]] === "{" && memberSpan(written, "resultType", result[0]);
  const asks = type && written.slice(...type) === '"input_required"';
  return asks ? written.slice(...result) : undefined;
}

/** A failure after the user has answered: to send the request again would ask the user again. */
function afterInput(error: unknown): ProxyError {
  const details = error instanceof ProxyError ? error.details : {};
  const message = (words: string) => `The request failed after its input was sent: ${words}`;
  return wrapped(error, "bad_response", message, {
    ...details,
    retryAfter: undefined,
    mayHaveRun: true,
  });
}
