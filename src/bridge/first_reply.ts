import { errorOf, tryParse } from "../json/jsonrpc.ts";
import type { Text } from "../json/text.ts";
import type { Reply } from "../upstream/upstream.ts";

/**
 * A stream whose first message is a certain response, as a single answer.
 *
 * @param isSought whether it is that response; by default an error
 */
export async function upToResponse(reply: Reply, isSought = isError): Promise<Reply> {
  if (reply.kind !== "stream") return reply;
  const messages = reply.messages[Symbol.asyncIterator]();
  const first = await messages.next();
  if (first.done) return { kind: "stream", messages: rest([], messages) };
  if (!isSought(first.value)) return { kind: "stream", messages: rest([first.value], messages) };
  await messages.return?.();
  return { kind: "single", messages: [first.value] };
}

async function* rest(read: readonly Text[], messages: AsyncIterator<Text>): AsyncGenerator<Text> {
  try {
    yield* read;
    for (let next = await messages.next(); !next.done; next = await messages.next()) {
      yield next.value;
    }
  } finally {
    await messages.return?.();
  }
}

/** Whether a message is a response. */
export function isResponse(text: Text): boolean {
  return tryParse(text)?.kind === "response";
}

function isError(text: Text): boolean {
  const message = tryParse(text);
  return message !== undefined && Boolean(errorOf(message));
}
