import type { Asked, ChaosClient } from "./client.ts";

/**
 * Where something does not hold that has to, whatever happened: one line each.
 *
 * @param deedsOf how often the server has acted on each key
 */
export function findFaults(
  client: ChaosClient,
  deedsOf: ReadonlyMap<string, number>,
): string[] {
  const faults = client.strange.map((line) => `came out: ${line.slice(0, 200)}`);
  for (const asked of client.asked.values()) {
    const deeds = deedsOf.get(asked.key) ?? 0;
    for (const [what, isFault] of FAULTS) {
      if (isFault(asked, deeds)) faults.push(`${what}: ${describe(asked, deeds)}`);
    }
  }
  return faults;
}

const FAULTS:
  readonly (readonly [what: string, isFault: (asked: Asked, deeds: number) => boolean])[] = [
    ["no answer", ({ cancelled, answers }) => !cancelled && answers.length === 0],
    ["several answers", ({ answers }) => answers.length > 1],
    ["done more than once", (_, deeds) => deeds > 1],
    [
      "done, and said that it cannot have been",
      ({ answers }, deeds) => deeds > 0 && answers[0]?.error?.data?.mayHaveRun === false,
    ],
    [
      "answered with a result, and not done",
      ({ method, answers }, deeds) =>
        method === "tools/call" && answers[0]?.result !== undefined && deeds !== 1,
    ],
    [
      "answered with another's result",
      ({ method, key, answers: [answer] }) =>
        !ANSWERED_BY_PROXY.has(method) && answer?.result !== undefined &&
        answer.result.key !== key,
    ],
    [
      "an error of the proxy's that does not say whether it may have run",
      ({ answers: [answer] }) =>
        answer?.error?.data?.source !== undefined && answer.error.data.mayHaveRun === undefined,
    ],
  ];

/** What the proxy may answer itself, so that the answer has no key. */
const ANSWERED_BY_PROXY: ReadonlySet<string> = new Set(["initialize", "ping"]);

function describe({ id, method, answers }: Asked, deeds: number): string {
  const said = answers.map((answer) => JSON.stringify(answer).slice(0, 300)).join(" and ");
  return `${method} ${JSON.stringify(id)}, done ${deeds} times, answered ${said || "never"}`;
}

/** How the requests ended, and how often. */
export function countOutcomes(client: ChaosClient): Map<string, number> {
  const outcomes = new Map<string, number>();
  for (const { cancelled, answers: [answer] } of client.asked.values()) {
    const { data } = answer?.error ?? {};
    const outcome = !answer
      ? cancelled ? "cancelled" : "never"
      : answer.result
      ? "result"
      : data?.source
      ? `${data.reason} ${data.status ?? ""}, ${data.mayHaveRun ? "may have run" : "not run"}`
      : "the server's own error";
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  return outcomes;
}
