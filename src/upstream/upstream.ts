import type { Message } from "../jsonrpc.ts";
import type { Text } from "../text.ts";
import type { HttpFailure } from "./http_failure.ts";

/** What the server says to one client message. */
export interface Reply {
  /** `stream`: any number of messages; `single`: one answer; `none`: accepted without a body. */
  readonly kind: "stream" | "single" | "none";
  /** The server's messages as they arrive. Throws `ProxyError` where they break off. */
  readonly messages: AsyncIterable<Text> | Iterable<Text>;
  /** The HTTP response that the answer came with, where that was no success. */
  readonly failure?: HttpFailure;
}

/** Who waits for a reply. */
export interface Waiting {
  /** Ends the exchange: the reply is not wanted any more. */
  readonly signal: AbortSignal;
  /** Whether everything that was asked has been answered, so that a stream may end. */
  answered(): boolean;
}

/** The MCP server, as the relay sees it. */
export interface Upstream {
  /**
   * Sends one client message.
   *
   * @throws {ProxyError} where there is no reply, or none that counts
   */
  send(message: Message, waiting: Waiting): Promise<Reply>;
  /** The server's own messages, for as long as it has a stream for them; reconnects by itself. */
  listen(signal: AbortSignal): AsyncIterable<string>;
  /** Ends the session. Never throws. */
  close(signal: AbortSignal): Promise<void>;
}
