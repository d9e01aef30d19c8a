/** The interface of every transport and of the bridge: `send`, `listen`, `close`. */

import type { Message } from "../json/jsonrpc.ts";
import type { Text } from "../json/text.ts";
import type { HttpFailure } from "./http_failure.ts";

/**
 * What the server says to one client message: a `stream` of any number of messages as they arrive,
 * which throws `ProxyError` if it breaks off; a `single` answer; or `none`, if the server has
 * accepted the message without a body.
 */
export type Reply =
  | {
    readonly kind: "stream";
    readonly messages: AsyncIterable<Text>;
    readonly failure?: undefined;
  }
  | {
    readonly kind: "single" | "none";
    readonly messages: readonly Text[];
    /** The HTTP response that the answer came with, if that was not successful. */
    readonly failure?: HttpFailure;
  };

/** Who waits for a reply. */
export interface Waiting {
  /** Aborts when the reply is not needed any more. */
  readonly signal: AbortSignal;
  /** Whether all requests have been answered, so that the stream may end. */
  answered(): boolean;
}

/** The MCP server, as the relay sees it. */
export interface Upstream {
  /**
   * Sends one client message.
   *
   * @throws {ProxyError} if the server gives no valid reply
   */
  send(message: Message, waiting: Waiting): Promise<Reply>;
  /**
   * The server's own messages, as long as it has a stream for them; reconnects by itself.
   *
   * @param onOpen called once the stream is open, or the server has none
   */
  listen(signal: AbortSignal, onOpen?: () => void): AsyncIterable<string>;
  /** Ends the session. Never throws. */
  close(signal: AbortSignal): Promise<void>;
}
