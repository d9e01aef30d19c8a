/** Request bodies, by Content-Length or chunked (RFC 9112, sections 6 and 7). */
import { Buffer } from "node:buffer";

/** Collects one body. */
export interface BodyReader {
  /** Takes what arrived; returns what lies behind the body, or undefined while it is incomplete. */
  feed(bytes: Buffer): Buffer | undefined;
  /** The complete body. */
  bytes(): Buffer;
}

/** The reader that the header lines in `head` ask for. */
export function bodyReader(head: string): BodyReader {
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return chunkedBody();
  return sizedBody(Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0));
}

function sizedBody(left: number): BodyReader {
  const parts: Buffer[] = [];
  return {
    feed(bytes) {
      const part = bytes.subarray(0, left);
      parts.push(part);
      left -= part.length;
      return left > 0 ? undefined : bytes.subarray(part.length);
    },
    bytes: () => join(parts),
  };
}

function chunkedBody(): BodyReader {
  const parts: Buffer[] = [];
  let line = "";
  let left = 0;
  let last = false;
  return {
    feed(bytes) {
      while (bytes.length > 0) {
        if (left > 0) {
          const part = bytes.subarray(0, left);
          parts.push(part);
          left -= part.length;
          bytes = bytes.subarray(part.length);
          continue;
        }
        const newline = bytes.indexOf(10);
        line += bytes.toString("latin1", 0, newline < 0 ? bytes.length : newline);
        if (newline < 0) return undefined;
        bytes = bytes.subarray(newline + 1);
        const text = line.trim();
        line = "";
        // An empty line ends a chunk's data, or the whole body behind the last chunk and its trailers.
        if (text === "" && last) return bytes;
        if (text === "" || last) continue;
        left = parseInt(text, 16);
        last = left === 0;
      }
      return undefined;
    },
    bytes: () => join(parts),
  };
}

function join(parts: Buffer[]): Buffer {
  return parts.length === 1 ? parts[0] : Buffer.concat(parts);
}
