/** The suite's results as it writes them (`checks.json`), reduced to one verdict for each check. */

/** One entry of `checks.json`. */
export interface Check {
  /** Requirement; entries of one id repeat in a run. */
  readonly id: string;
  /** The suite's verdict; `INFO` entries are its log of the traffic. */
  readonly status: "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO";
  /** What was wrong, for a failure. */
  readonly errorMessage?: string;
  /** What was looked at. */
  readonly description?: string;
  /** Anything else, different for each check. */
  readonly details?: unknown;
}

/** Our verdict on a check, a claim, or the client's own view of a run. */
export interface Verdict {
  /** Check id, or the claim's name. */
  readonly id: string;
  /** A warning of the suite counts as failed. */
  readonly outcome: "passed" | "failed" | "browser" | "not applicable";
  /** Why it failed, or why only a browser could pass it. */
  readonly reason?: string;
}

/**
 * A reconnection that is late by what a busy machine takes. The suite warns of it and calls it
 * acceptable; one that is very late is a failure.
 */
function isSlightlyLate({ status, details }: Check): boolean {
  return status === "WARNING" && (details as { slightlyLate?: boolean })?.slightlyLate === true;
}

const SEVERITY = { SKIPPED: 0, SUCCESS: 1, WARNING: 2, FAILURE: 3 };

/**
 * One verdict for each id, the worst entry deciding. `browser` excuses an id that did not pass, and
 * each id of `demands` that was not reported, or only as skipped, is failed.
 */
export function verdicts(
  checks: readonly Check[],
  demands: readonly string[],
  browser: Readonly<Record<string, string>> = {},
): Verdict[] {
  const groups = new Map<string, Check[]>();
  for (const check of checks) {
    if (check.status === "INFO") continue;
    const judged = isSlightlyLate(check) ? { ...check, status: "SUCCESS" as const } : check;
    groups.set(check.id, [...groups.get(check.id) ?? [], judged]);
  }
  const reported = [...groups].map(([id, entries]): Verdict => {
    const worst = entries.reduce((a, b) => severity(b) > severity(a) ? b : a);
    if (worst.status === "SUCCESS") return { id, outcome: "passed" };
    if (worst.status === "SKIPPED" && !demands.includes(id)) {
      return { id, outcome: "not applicable" };
    }
    if (id in browser) return { id, outcome: "browser", reason: browser[id] };
    return { id, outcome: "failed", reason: worst.errorMessage ?? worst.description };
  });
  const missing = demands.filter((id) => !groups.has(id)).map((id): Verdict => ({
    id,
    outcome: "failed",
    reason: "the suite did not report it",
  }));
  return [...reported, ...missing];
}

function severity(check: Check): number {
  return check.status === "INFO" ? -1 : SEVERITY[check.status];
}
