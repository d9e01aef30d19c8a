import { ProxyError } from "../errors.ts";
import type { Message } from "../json/jsonrpc.ts";
import { backoff, pause } from "../async/timing.ts";
import { ConnectionError } from "../runtime/types.ts";
import { REPEATABLE } from "../mcp/methods.ts";
import { isPassing } from "./http_failure.ts";
import { LONGEST_PAUSE } from "../limits.ts";

/**
 * All rules for sending a message again. A row applies to the failures that it names; the first one
 * that fits decides. Other failures are reported at once.
 *
 * Two refusals are handled elsewhere, because something must be done before the message is sent
 * again: 401 and 403 with a challenge (a new token: `authorized_http.ts`, `insufficient_scope`)
 * and a lost session (`initialize`: `streamable_http.ts`). A stream that breaks after an event with
 * an id is not sent again but resumed (`resumption.ts`).
 */
const RETRY_POLICY: readonly {
  /** Why it may be repeated. */
  readonly because: string;
  /** Which failures. */
  fits(failure: ProxyError, message: Message): boolean;
  /** How often a message is sent in all. */
  readonly attempts: number;
}[] = [
  {
    because: "it never reached the server: connection refused, or cut before the end",
    fits: ({ reason, cause }) =>
      reason === "unreachable" && !(cause instanceof ConnectionError && cause.isPermanent),
    attempts: 5,
  },
  {
    because: "the server refused it temporarily",
    fits: ({ details: { status, retryAfter } }) => isPassing(status, retryAfter),
    attempts: 4,
  },
  {
    because: "repeating it is safe: it only reads, is idempotent, or was never sent",
    fits: ({ reason, details: { status, mayHaveRun } }, { kind, method }) =>
      (reason === "interrupted" || UNAVAILABLE.has(status)) &&
      (mayHaveRun === false || kind === "response" || REPEATABLE.has(method ?? "")),
    attempts: 3,
  },
];

/** What gateways answer while their server is not running, as during a deployment. */
const UNAVAILABLE: ReadonlySet<number | undefined> = new Set([502, 503, 504]);

/** Longest wait before the second attempt, in milliseconds. */
const FIRST_PAUSE = 250;

/** Whether a failure is temporary and nothing has run, so that the same message may succeed later. */
export function isTemporary(failure: unknown, message: Message): failure is ProxyError {
  const [unreachable, refused] = RETRY_POLICY;
  return failure instanceof ProxyError &&
    (unreachable.fits(failure, message) || refused.fits(failure, message));
}

/**
 * Runs `attempt`, and repeats it if the table allows.
 *
 * @param attempt sends `message` once
 * @param signal ends the waiting, after which the latest failure is thrown
 * @throws what the last attempt threw
 */
export async function sendWithRetry(
  message: Message,
  signal: AbortSignal,
  attempt: () => Promise<void>,
): Promise<void> {
  for (let number = 1;; number++) {
    try {
      return await attempt();
    } catch (failure) {
      if (signal.aborted || !(failure instanceof ProxyError)) throw failure;
      // Token requests have been repeated already, and there is one budget for both.
      if (failure.reason === "token") throw failure;
      const row = RETRY_POLICY.find((row) => row.fits(failure, message));
      const wait = failure.details.retryAfter ?? backoff(number, FIRST_PAUSE);
      if (!row || number >= row.attempts || wait > LONGEST_PAUSE) throw failure;
      await pause(wait, signal);
      if (signal.aborted) throw failure;
    }
  }
}
