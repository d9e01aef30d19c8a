import { errorOf, tryParse } from "../json/jsonrpc.ts";
import type { Text } from "../json/text.ts";
import type { Reply } from "../upstream/upstream.ts";

/** A stream that ends at its response, if the response is the first message, as a single answer. */
export async function upToResponse(reply: Reply): Promise<Reply> {
  if (reply.kind !== "stream") return reply;
  const messages = reply.messages[Symbol.asyncIterator]();
  const first = await messages.next();
  if (first.done) return { kind: "stream", messages: rest([], messages) };
  if (!isError(first.value)) return { kind: "stream", messages: rest([first.value], messages) };
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

function isError(text: Text): boolean {
  const message = tryParse(text);
  return message !== undefined && Boolean(errorOf(message));
}
