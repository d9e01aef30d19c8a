import { connectionError } from "./connection_error.ts";
import type { HttpResponse } from "./types.ts";

/**
 * A response whose body reports a broken connection in plain words.
 *
 * @param describe what the runtime says, from what it throws
 * @param signal the request's; its reason is what the reader gets if it has aborted
 * @param onEnd called when the body has been read, or nobody reads it any more
 */
export function explainBodyErrors(
  response: HttpResponse,
  describe: (error: Error) => string,
  signal: AbortSignal | undefined,
  onEnd: () => void = () => {},
): HttpResponse {
  const { status, headers, body } = response;

  function explained(error: unknown): unknown {
    if (signal?.aborted) return signal.reason;
    return connectionError(describe(error as Error), true, undefined, error);
  }

  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      if (body) yield* body;
    } catch (error) {
      throw explained(error);
    } finally {
      onEnd();
    }
  }

  return {
    status,
    headers,
    body: body && { [Symbol.asyncIterator]: chunks },
    text: () => response.text().catch((error) => Promise.reject(explained(error))).finally(onEnd),
  };
}
