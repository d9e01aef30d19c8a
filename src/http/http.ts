/** Reads parts of an HTTP response: media type, body up to a limit, `Retry-After`. */

import { rethrowFault } from "../errors.ts";
import { ConnectionError, type HttpResponse } from "../runtime/types.ts";
import { append, Bytes, LONG, type Text } from "../json/text.ts";
import { createUtf8Decoder } from "../json/utf8.ts";

/** The media type of a response in lower case, without parameters; empty if there is none. */
export function mediaType(response: HttpResponse): string {
  return (response.headers.get("content-type") ?? "").split(";")[0].trim().toLowerCase();
}

/** Whether a status is a success (RFC 9110 section 15.3). */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** A body that is longer than it may be. */
export class BodyTooLarge extends ConnectionError {
  /** @param limit bytes that it may have */
  constructor(readonly limit: number) {
    super(`the answer is longer than ${limit} bytes`, true);
  }
}

/**
 * The body as text, read no further than a limit.
 *
 * @param limit the most bytes to read
 * @throws {BodyTooLarge} if it is longer
 * @throws {ConnectionError} if it breaks off
 */
export async function boundedText(response: HttpResponse, limit: number): Promise<string> {
  return decoded(await boundedBytes(response, limit));
}

function decoded({ pieces }: Bytes): string {
  return pieces.map(createUtf8Decoder()).join("");
}

async function boundedBytes(response: HttpResponse, limit: number): Promise<Bytes> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > limit) throw new BodyTooLarge(limit);
      append(parts, chunk);
    }
  } catch (error) {
    if (error instanceof ConnectionError) throw error;
    rethrowFault(error);
    const text = "the connection broke in the middle of the answer";
    throw new ConnectionError(text, true, false, error);
  }
  return new Bytes(parts);
}

/**
 * The body, a long one in bytes, read no further than a limit.
 *
 * @param limit the most bytes to read
 * @throws {BodyTooLarge} if it is longer
 * @throws {ConnectionError} if it breaks off
 */
export function boundedBody(response: HttpResponse, limit: number): Promise<Text> {
  const length = Number(response.headers.get("content-length") ?? Infinity);
  const isPlain = response.headers.get("content-encoding") === null;
  if (length < LONG && length <= limit && isPlain) return response.text();
  return boundedBytes(response, limit).then((body) => body.length < LONG ? decoded(body) : body);
}

/** The milliseconds of a `Retry-After` header: seconds or a date (RFC 9110 section 10.2.3). */
export function retryAfter(header: string | null, now = Date.now()): number | undefined {
  if (!header) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return Number(header) * 1000;
  // A date begins with the day of the week; `Date.parse` accepts other texts too.
  const milliseconds = /^\s*[A-Z]/i.test(header) ? Date.parse(header) - now : NaN;
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}
