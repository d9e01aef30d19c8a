import { logFault } from "../log/fault.ts";
import { messageOf } from "../errors.ts";
import {
  errorOf,
  type Message,
  paramOf,
  parseMessage,
  resultOf,
  tryParse,
} from "../json/jsonrpc.ts";
import { asObject } from "../json/value.ts";
import { LONG, type Text } from "../json/text.ts";
import type { Log } from "../log/log.ts";
import { HEADER_MISMATCH } from "../mcp/error_codes.ts";
import { METHOD } from "../mcp/methods.ts";
import { HEADER_MARK, type ToolParameters } from "../mcp/tool_parameters.ts";
import { changed } from "./reply.ts";
import { firstResponse } from "./session.ts";
import type { Reply } from "./upstream.ts";
import { MAX_PAGES } from "../limits.ts";

/** The `Mcp-Param-*` headers of calls, and what to do if the server rejects them. */
export interface CallHeaders {
  /** The headers of a call; none for any other message. */
  of(message: Message): Record<string, string>;
  /**
   * Handles the reply to a message. Tools that are listed are recorded. If the server rejects the
   * headers of a call (-32020), all tools are listed; the call is sent again if its headers change.
   *
   * @param again sends the message once more
   * @returns the reply for the client
   */
  handle(
    message: Message,
    reply: Reply,
    again: () => Promise<Reply>,
    signal: AbortSignal,
  ): Promise<Reply>;
}

/**
 * Creates the headers of calls for one server.
 *
 * @param parameters what is known of the server's tools
 * @param send sends a tools/list of the proxy's own
 * @param hidesInvalid whether tools with invalid marks are left out of the list
 */
export function createCallHeaders({ parameters, send, hidesInvalid, log }: {
  parameters: ToolParameters;
  send: (message: Message, signal: AbortSignal) => Promise<Reply>;
  hidesInvalid: boolean;
  log: Log;
}): CallHeaders {
  let listings = 0;

  function of(message: Message): Record<string, string> {
    return message.method === METHOD.callTool ? parameters.headers(message) : {};
  }

  function recorded(text: Text): Text {
    if (!hidesInvalid && !text.includes(HEADER_MARK)) return text; // Cheap: few tools have marks.
    const answer = tryParse(text);
    const valid = answer && parameters.record(answer);
    return hidesInvalid && valid !== undefined ? valid : text;
  }

  /** Lists all tools, with the metadata of the call that needs them. */
  async function list(call: Message, signal: AbortSignal): Promise<void> {
    const { progressToken: _, ..._meta } = asObject(paramOf(call, "_meta"));
    let cursor: unknown;
    for (let page = 0; page < MAX_PAGES; page++) {
      const id = `mcp-oauth-proxy-tools-${++listings}`;
      const params = { cursor, _meta };
      const request = { jsonrpc: "2.0", id, method: METHOD.listTools, params };
      const reply = await send(parseMessage(JSON.stringify(request)), signal);
      const answer = await firstResponse(reply.messages);
      if (answer) parameters.record(answer);
      cursor = answer && resultOf(answer, "nextCursor");
      if (!cursor) return;
    }
  }

  /** @returns whether the call has other headers now */
  async function refresh(call: Message, signal: AbortSignal): Promise<boolean> {
    const before = JSON.stringify(of(call));
    await list(call, signal).catch((error) => {
      logFault(log, error);
      log.debug("OAuth Proxy", `tools/list failed: ${messageOf(error)}`);
    });
    return JSON.stringify(of(call)) !== before;
  }

  async function* corrected(
    messages: AsyncIterable<Text>,
    correct: () => Promise<Reply | undefined>,
  ): AsyncGenerator<Text> {
    let isFirst = true;
    for await (const text of messages) {
      const better = isFirst && isMismatch(text) ? await correct() : undefined;
      isFirst = false;
      if (better) return yield* better.messages;
      yield text;
    }
  }

  return {
    of,
    async handle(message, reply, again, signal) {
      if (message.method === METHOD.listTools) return changed(reply, recorded);
      if (message.method !== METHOD.callTool) return reply;
      const correct = async () => await refresh(message, signal) ? await again() : undefined;
      if (reply.kind === "stream") {
        return { kind: "stream", messages: corrected(reply.messages, correct) };
      }
      return reply.messages.some(isMismatch) ? await correct() ?? reply : reply;
    },
  };
}

function isMismatch(text: Text): boolean {
  if (text.length >= LONG || !text.includes(String(HEADER_MISMATCH))) return false;
  const message = tryParse(text);
  return message !== undefined && errorOf(message, "code") === HEADER_MISMATCH;
}
