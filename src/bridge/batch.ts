import { createQueue } from "../async/queue.ts";
import { type Message, parseMessage } from "../json/jsonrpc.ts";
import { partSpans } from "../json/spans.ts";
import { stringOf, type Text } from "../json/text.ts";
import type { Reply } from "../upstream/upstream.ts";

/** Sends the messages of a batch one by one: modern servers know no batches (2025-03-26 had them). */
export function splitBatch(batch: Message, send: (part: Message) => Promise<Reply>): Reply {
  const text = stringOf(batch.text);
  const parts = Array.from(partSpans(text, text.indexOf("[")), (span) => text.slice(...span));
  const messages = createQueue<Text>();
  async function take(part: string): Promise<void> {
    for await (const text of (await send(parseMessage(part))).messages) await messages.push(text);
  }
  Promise.all(parts.map(take)).then(() => messages.end(), (error) => messages.end(error));
  return { kind: "stream", messages };
}
