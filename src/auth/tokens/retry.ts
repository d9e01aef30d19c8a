import { ExplainedError, type Explanation } from "../../errors.ts";
import { backoff, pause } from "../../async/timing.ts";

/** A temporary failure: the same request may succeed later. */
export class TransientError extends ExplainedError {
  /** @ignore */
  override readonly name = "TransientError";

  /**
   * @param text what failed, in one line, or the parts of it
   * @param retryAfter milliseconds that the server asked to wait (RFC 9110 section 10.2.3)
   * @param status HTTP status, if there was one
   */
  constructor(
    text: string | Explanation,
    readonly retryAfter?: number,
    readonly status?: number,
  ) {
    super(text);
  }
}

/** Bounds of {@linkcode withRetry}. */
export interface RetryOptions {
  /** Attempts in all. */
  readonly attempts: number;
  /** Milliseconds after the start at which no further attempt begins. */
  readonly within: number;
  /** Longest wait before the second attempt, in milliseconds; it doubles with each one. */
  readonly firstDelay: number;
  /** Waits so many milliseconds. */
  readonly sleep?: (milliseconds: number) => Promise<void>;
  /** Called for each failure that is followed by another attempt. */
  readonly onRetry?: (error: TransientError, milliseconds: number) => void;
}

/**
 * Runs `attempt` until it succeeds, fails for good, or reaches the limits.
 *
 * @param attempt its argument is the milliseconds that are left
 * @throws the last error; a {@linkcode TransientError} if the limits ended it
 */
export async function withRetry<T>(
  attempt: (left: number) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const { attempts, within, firstDelay, sleep = pause, onRetry } = options;
  const end = Date.now() + within;
  for (let number = 1;; number++) {
    try {
      return await attempt(Math.max(end - Date.now(), 1));
    } catch (error) {
      if (!(error instanceof TransientError) || number === attempts) throw error;
      const delay = error.retryAfter ?? backoff(number, firstDelay);
      if (Date.now() + delay > end) throw error;
      onRetry?.(error, delay);
      await sleep(delay);
    }
  }
}
