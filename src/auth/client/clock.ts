import type { Log } from "../../log/log.ts";

/** The time for what the client signs: that of this machine, or that of a server that refused it. */
export interface Clock {
  /** Seconds since 1970. */
  now(): number;
  /**
   * Compares this machine's time with that of a server.
   *
   * @param date the `Date` header of its response (RFC 9110 section 6.6.1)
   * @param server its name, for the log
   * @returns whether the time is now another one, so that a new signature may be accepted
   */
  learnFrom(date: string | undefined, server: string): boolean;
}

/** Seconds by which clocks may differ; assertions begin so much earlier. */
export const CLOCK_TOLERANCE = 10;

/**
 * Creates a clock that shows the time of this machine.
 *
 * @param machineTime the time in milliseconds
 */
export function createClock(log: Log, machineTime: () => number = Date.now): Clock {
  /** Seconds that this machine is behind. */
  let offset = 0;
  const now = () => Math.floor(machineTime() / 1000) + offset;
  return {
    now,
    learnFrom(date, server) {
      const time = date === undefined ? NaN : Date.parse(date) / 1000;
      if (Number.isNaN(time) || Math.abs(time - now()) <= CLOCK_TOLERANCE) return false;
      offset += Math.round(time - now());
      log.warn(
        "OAuth",
        `The clock of this machine is ${Math.abs(offset)} s ${
          offset > 0 ? "behind" : "ahead of"
        } ` +
          `that of ${server}. Signatures now use the server's time. Correct this machine's clock`,
      );
      return true;
    },
  };
}
