/** The generated page: what passed, what failed, and what only a browser could pass. */

import type { Verdict } from "./checks.ts";
import type { Outcome } from "./run_scenario.ts";
import { AUTH_SCENARIOS, BRIDGED_RUNS, type Run, RUNS, type Scenario } from "./scenarios.ts";
import { ABOUT_THE_STAND, type Comparison, NOT_BRIDGED, SERVER_RUNS } from "./server_scenarios.ts";

const SIGNS: Record<Verdict["outcome"], string> = {
  passed: "passed",
  failed: "**failed**",
  browser: "needs a browser",
  "not applicable": "–",
};

/** Numbers of verdicts by outcome. */
export function tally(outcomes: readonly Outcome[]): Record<Verdict["outcome"], number> {
  const counts = { passed: 0, failed: 0, browser: 0, "not applicable": 0 };
  for (const { verdicts } of outcomes) {
    for (const { outcome } of verdicts) counts[outcome]++;
  }
  return counts;
}

/** A failed verdict as one line, with where it failed. */
export function failures(outcome: Outcome): string[] {
  return outcome.verdicts.filter((verdict) => verdict.outcome === "failed").map((verdict) =>
    `${outcome.scenario.name} (${outcome.run.title}): ${verdict.id}: ${verdict.reason}`
  );
}

/** Numbers of server checks that pass directly: kept through the proxy, and lost. */
export function serverTally(comparisons: readonly Comparison[]): { kept: number; lost: number } {
  const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
  const lost = sum(comparisons.map((one) => one.lost.length));
  return { lost, kept: sum(comparisons.map(({ through }) => passes(through))) };
}

function passes(verdicts: readonly Verdict[]): number {
  return verdicts.filter(({ outcome }) => outcome === "passed").length;
}

/** Server scenarios that lost checks on the way through the proxy, a line each. */
export function losses(comparisons: readonly Comparison[]): string[] {
  return comparisons.filter(({ lost }) => lost.length > 0).map(({ scenario, run, lost, through }) =>
    `${scenario} (${run.title}): ${lost.join(", ")}: ${
      through.find(({ id }) => id === lost[0])?.reason ?? "not reported"
    }`
  );
}

/** The page as Markdown. It says the same for the same outcomes, whatever the day or the machine. */
export function page(outcomes: readonly Outcome[], comparisons: readonly Comparison[]): string {
  const scenarios = [...new Set(outcomes.map((outcome) => outcome.scenario))];
  const { passed, failed, browser } = tally(outcomes);
  return [
    "# Conformance",
    "",
    "Made by `deno task conformance`; do not edit. It runs the client scenarios of the official suite,",
    "[`@modelcontextprotocol/conformance`](https://www.npmjs.com/package/@modelcontextprotocol/conformance),",
    "with a small client that speaks stdio to the proxy. What each column runs:",
    "",
    ...RUNS.map((run) => `- ${run.title}: ${describe(run)}`),
    "",
    `${passed} passed, ${failed} failed, ${browser} need a browser.`,
    "",
    "*Needs a browser* marks checks made of an authorization request, a redirect or a client",
    "registration, none of which a client credentials client has. Lines that begin with *ours* are",
    "not the suite's: they say what we read from the same traffic, and what the stdio client got.",
    "",
    ...table(scenarios, outcomes, RUNS),
    "",
    ...reasons(scenarios),
    ...bridgedSection(scenarios, outcomes),
    ...serverSection(comparisons),
  ].join("\n");
}

function table(
  scenarios: readonly Scenario[],
  outcomes: readonly Outcome[],
  runs: readonly Run[],
): string[] {
  return [
    "| scenario | check | " + runs.map((run) => run.title).join(" | ") + " |",
    "| --- | --- | " + runs.map(() => "---").join(" | ") + " |",
    ...scenarios.flatMap((scenario) => rows(scenario, outcomes, runs)),
  ];
}

/** A client and a server of different eras, with the proxy's bridge between them. */
function bridgedSection(scenarios: readonly Scenario[], outcomes: readonly Outcome[]): string[] {
  const isBridged = ({ runs }: Scenario) => runs.some((run) => BRIDGED_RUNS.includes(run));
  const others = scenarios.filter((one) => !isBridged(one) && !AUTH_SCENARIOS.includes(one));
  return [
    "## A client and a server of different eras",
    "",
    `The same scenarios of release ${
      BRIDGED_RUNS[0].release
    } with a client of the other era: the proxy`,
    "bridges. Many of the suite's servers answer clients of either era; here, an HTTP server before",
    "them refuses the client's own, so that nothing passes without the bridge.",
    "",
    ...table(scenarios.filter(isBridged), outcomes, BRIDGED_RUNS),
    "",
    "Not run, because the suite has no such server:",
    "",
    ...BRIDGED_RUNS.map((run) => {
      const missing = scenarios.filter((one) => isBridged(one) && !one.runs.includes(run));
      const names = missing.map(({ name }) => name).join(", ");
      return `- ${run.title}: ${names}`;
    }),
    ...others.map(({ name }) => `- neither way: ${name}`),
    "",
    "The `auth/` scenarios are not run over the bridge: they are about HTTP requests and tokens, which",
    "are the same with a bridge and without.",
    "",
  ];
}

function serverSection(comparisons: readonly Comparison[]): string[] {
  const { kept, lost } = serverTally(comparisons);
  return [
    "## Server scenarios, directly and through the proxy",
    "",
    "The suite's server scenarios speak HTTP. They run against a server of the official SDK, and against",
    "the same server with an HTTP-to-stdio stand and the proxy before it. In the last two columns, this",
    "server speaks only the other era: the proxy bridges. A cell says how many checks passed directly",
    "and through the proxy. server-sse-polling has one less through the proxy: a stream",
    "that the server ends early is resumed by the proxy, and stays open for the suite, which it notes.",
    "",
    `${kept} passed through the proxy, ${lost} passed directly only.`,
    "",
    "| scenario | " + SERVER_RUNS.map((run) => run.title).join(" | ") + " |",
    "| --- | " + SERVER_RUNS.map(() => "---").join(" | ") + " |",
    ...[...new Set(comparisons.map(({ scenario }) => scenario))].sort().map((scenario) =>
      `| ${scenario} | ${
        SERVER_RUNS.map((run) =>
          cell(comparisons.find((one) => one.scenario === scenario && one.run === run))
        ).join(" | ")
      } |`
    ),
    "",
    "Not counted, since they are about headers that the suite sends to the stand:",
    "",
    ...Object.entries(ABOUT_THE_STAND).map(([id, why]) => `- ${id} ${why}`),
    "",
    "Not counted in the last two columns, since no bridge can do what an older server does not:",
    "",
    ...Object.entries(NOT_BRIDGED).map(([id, why]) => `- ${id}: ${why}`),
    "",
  ];
}

function cell(comparison: Comparison | undefined): string {
  if (!comparison) return "";
  const { direct, through, lost } = comparison;
  const mark = lost.length > 0 ? `, **lost** ${lost.join(", ")}` : "";
  return `${passes(direct)}, ${passes(through)}${mark}`;
}

function describe(run: Run): string {
  if (run.specVersion) return `release ${run.release} with \`--spec-version ${run.specVersion}\``;
  return `release ${run.release}, each scenario at the revision it is made for`;
}

function rows(
  scenario: Scenario,
  outcomes: readonly Outcome[],
  runs: readonly Run[],
): string[] {
  const mine = outcomes.filter((one) => one.scenario === scenario && runs.includes(one.run));
  const ids = new Set(mine.flatMap(({ verdicts }) => verdicts.map(({ id }) => id)));
  return inOrder(ids, scenario).map((id, index) => {
    const cells = runs.map((run) => {
      const outcome = mine.find((one) => one.run === run);
      const verdict = outcome?.verdicts.find((one) => one.id === id);
      return verdict ? SIGNS[verdict.outcome] : "";
    });
    return `| ${index === 0 ? scenario.name : ""} | ${id} | ${cells.join(" | ")} |`;
  });
}

/** What is demanded, what only a browser could pass, what else was reported, and our own lines. */
function inOrder(ids: ReadonlySet<string>, { demands, browser = {} }: Scenario): string[] {
  const rank = (id: string) =>
    demands.includes(id) ? 0 : id in browser ? 1 : id.startsWith("ours") ? 3 : 2;
  return [...ids].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function reasons(scenarios: readonly Scenario[]): string[] {
  const byReason = new Map<string, Set<string>>();
  for (const { browser = {} } of scenarios) {
    for (const [id, reason] of Object.entries(browser)) {
      byReason.set(reason, (byReason.get(reason) ?? new Set()).add(id));
    }
  }
  if (byReason.size === 0) return [];
  return [
    "Why these need a browser:",
    "",
    ...[...byReason].map(([reason, ids]) => `- ${reason}: ${[...ids].sort().join(", ")}`),
    "",
  ];
}
