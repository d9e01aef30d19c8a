import { ProxyError } from "../errors.ts";
import { errorReply, type Id, InvalidMessage, parseMessage } from "../json/jsonrpc.ts";
import { outline } from "../json/long_message.ts";
import type { LongLine } from "../stdio/line_cutter.ts";

/**
 * The answer to a message that is too long to be read: an error with the id of the request, which
 * is before or after the member that makes it long.
 *
 * @param limit bytes that a message may have
 * @returns nothing for a message that awaits no answer
 */
export function longLineReply(line: LongLine, limit: number): string | undefined {
  const id = awaitedBy(line);
  if (id === undefined) return undefined;
  const { code, message, data } = new ProxyError(
    "too_large",
    `the message has more than ${limit} bytes; see MCP_MAX_MESSAGE_BYTES`,
    { mayHaveRun: false },
  );
  return errorReply(id, { code, message: `Proxy error: ${message}`, data });
}

/** The id of a request; `null` for what may be one whose id cannot be read. */
function awaitedBy({ head, tail }: LongLine): Id | null | undefined {
  const ends = outline(head, tail);
  try {
    if (ends) return parseMessage(ends.text).requests[0];
  } catch (error) {
    if (!(error instanceof InvalidMessage)) throw error;
    if (error.ids.length > 0) return error.ids[0];
  }
  return /"method"\s*:/.test(head + tail) ? null : undefined;
}
