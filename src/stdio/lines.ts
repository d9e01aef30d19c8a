import { TextLineStream } from "@std/streams/text-line-stream";
import type { Text } from "../json/text.ts";
import { createLineCutter, type LongLine } from "./line_cutter.ts";

/** Stands for a long line in a stream of strings. No message has this text. */
const PLACE = "\0";

/**
 * Standard input as groups of lines that arrived together: UTF-8, one message per line, LF or CRLF
 * (MCP stdio transport). Long lines stay bytes.
 *
 * @param bytes standard input
 * @param limit bytes that a line may have
 * @param onLong called for each longer line, which is left out
 */
export async function* readLines(
  bytes: ReadableStream<Uint8Array>,
  limit?: number,
  onLong?: (line: LongLine) => void,
): AsyncGenerator<readonly Text[]> {
  const { cut, end } = createLineCutter(limit, onLong);
  const long: Text[] = [];
  function inStrings(text: Text): string {
    if (typeof text === "string") return text;
    long.push(text);
    return `${PLACE}\n`;
  }
  // A line splitter that gets each chunk of a long line copies the line with every chunk.
  const wholeLines = new TransformStream<Uint8Array, string>({
    transform(chunk, controller) {
      for (const text of cut(chunk)) controller.enqueue(inStrings(text));
    },
    flush(controller) {
      for (const text of end()) controller.enqueue(inStrings(text));
    },
  });
  const lines = bytes.pipeThrough(wholeLines).pipeThrough(new TextLineStream());
  for await (const line of lines) yield [line === PLACE ? long.shift() ?? line : line];
}
