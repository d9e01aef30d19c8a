/** Repeats requests to an authorization server after temporary failures. */

import { ExplainedError, type Explanation } from "../../errors.ts";
import { backoff, pause } from "../../async/timing.ts";
import { UNREACHABLE_WITHIN } from "../../limits.ts";
import { ConnectionError } from "../../runtime/types.ts";

/** A temporary failure: the same request may succeed later. */
export class TransientError extends ExplainedError {
  /** @ignore */
  override readonly name = "TransientError";

  /** Milliseconds that the server asked to wait (RFC 9110 section 10.2.3). */
  readonly retryAfter?: number;
  /** HTTP status, if there was one. */
  readonly status?: number;

  /**
   * @param text what failed, in one line, or the parts of it
   * @param answer what the server said
   * @param cause what was thrown first
   */
  constructor(
    text: string | Explanation,
    answer: { retryAfter?: number; status?: number } = {},
    cause?: unknown,
  ) {
    super(text, cause);
    this.retryAfter = answer.retryAfter;
    this.status = answer.status;
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
  const start = Date.now();
  const end = start + within;
  for (let number = 1;; number++) {
    try {
      return await attempt(Math.max(end - Date.now(), 1));
    } catch (error) {
      if (!(error instanceof TransientError) || number === attempts) throw error;
      const delay = error.retryAfter ?? backoff(number, firstDelay);
      const latest = isUnreachable(error) ? Math.min(end, start + UNREACHABLE_WITHIN) : end;
      if (Date.now() + delay > latest) throw error;
      onRetry?.(error, delay);
      await sleep(delay);
    }
  }
}

function isUnreachable({ cause }: TransientError): boolean {
  return cause instanceof ConnectionError && !cause.reachedServer;
}
