import { append, Bytes, LONG, stringOf, type Text } from "../json/text.ts";
import { createUtf8Decoder } from "../json/utf8.ts";

/** The two ends of a line that is too long to be read whole. */
export interface LongLine {
  /** Its first characters. */
  readonly head: string;
  /** Its last characters. */
  readonly tail: string;
}

/** Cuts bytes after line feeds. */
export interface LineCutter {
  /** Takes a chunk; yields the lines that have ended: any number of short lines in one text, or one long line. */
  cut(chunk: Uint8Array): Text[];
  /** Yields the last line if it has no line feed. */
  end(): Text[];
}

/** Bytes of either end of a line that is too long. */
const END_LENGTH = 1_024;
const LINE_FEED = 10;

/**
 * Creates a line cutter. The chunks of a long line are not joined.
 *
 * @param limit bytes that a line may have
 * @param onLong called for each longer line, which is left out
 */
export function createLineCutter(
  limit = Infinity,
  onLong: (line: LongLine) => void = () => {},
): LineCutter {
  const decode = createUtf8Decoder();
  /** A line with fewer bytes is neither long nor too long. */
  const short = Math.min(limit, LONG);
  let held: Uint8Array[] = [];
  let size = 0;
  /** The first bytes of a line that is too long, of which only the last bytes are held. */
  let head: Bytes | undefined;

  /** Keeps a part of a line that goes on; beyond the limit, only the line's two ends. */
  function hold(part: Uint8Array): void {
    size += part.length;
    append(held, part);
    if (size <= limit) return;
    const all = new Bytes(held);
    head ??= all.slice(0, END_LENGTH);
    held = [...all.slice(-END_LENGTH).pieces];
  }

  /** The line that is held, or the short lines. */
  function release(): Text[] {
    const [parts, length, start] = [held, size, head];
    [held, size, head] = [[], 0, undefined];
    const line = new Bytes(parts);
    if (start) {
      onLong({ head: stringOf(start), tail: stringOf(line).trimEnd() });
      return [];
    }
    return [length < LONG ? parts.map(decode).join("") : line];
  }

  return {
    cut(chunk) {
      const texts: Text[] = [];
      const end = chunk.lastIndexOf(LINE_FEED) + 1;
      let start = 0;
      while (start < end) {
        const isShort = size + end - start < short;
        const next = isShort ? end : chunk.indexOf(LINE_FEED, start) + 1;
        hold(chunk.subarray(start, next));
        texts.push(...release());
        start = next;
      }
      if (start < chunk.length) hold(chunk.subarray(start));
      return texts;
    },
    end: () => size > 0 ? release() : [],
  };
}
