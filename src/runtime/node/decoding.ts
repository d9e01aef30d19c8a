import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { builtin } from "./builtins.ts";

/** What undoes a content coding (RFC 9110 section 8.4.1). */
const DECODERS: ReadonlyMap<
  string,
  "createGunzip" | "createInflate" | "createBrotliDecompress"
> = new Map([
  ["gzip", "createGunzip"],
  ["x-gzip", "createGunzip"],
  ["deflate", "createInflate"],
  ["br", "createBrotliDecompress"],
]);

/**
 * The body of a response, decompressed. The proxy does not ask for compression, but without
 * `Accept-Encoding` a server may use any (RFC 9110 section 12.5.3), and `fetch`, on Deno and in
 * version 1, decompresses too.
 */
export function decoded(response: IncomingMessage): Readable {
  const coding = response.headers["content-encoding"]?.trim().toLowerCase();
  const decoder = coding === undefined ? undefined : DECODERS.get(coding);
  if (decoder === undefined) return response;
  const body = builtin("node:zlib")[decoder]();
  // The reader of the body gets its errors.
  return builtin("node:stream").pipeline(response, body, () => {});
}
