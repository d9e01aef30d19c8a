import { backoff, pause } from "./timing.ts";

/** Milliseconds of the pauses between attempts. */
export interface Pauses {
  /** Longest first pause. */
  readonly first: number;
  /** Longest of all pauses. */
  readonly longest: number;
}

/**
 * Runs `attempt` until it succeeds, for days if necessary, with growing pauses.
 *
 * @param onFailure called with what each attempt throws
 * @param signal ends the attempts, without an error
 */
export async function untilSuccess(
  attempt: () => Promise<unknown>,
  onFailure: (error: unknown) => void,
  { first, longest }: Pauses,
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      await attempt();
      return;
    } catch (error) {
      onFailure(error);
      await pause(backoff(failures, first, longest), signal);
    }
  }
}
