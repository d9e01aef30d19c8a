/** The run as Markdown. */
import type { Contender, Unavailable } from "./contenders.ts";
import { bridges, limits, proxies } from "./contenders.ts";
import { type Figure, type FigureKey, figures, type Outcome } from "./figures.ts";
import type { Growth } from "./growth.ts";
import type { Machine } from "./machine.ts";
import type { Results } from "./rounds.ts";
import { ratio, type Verdict } from "./targets.ts";

/** Everything a run gave; this is also what the JSON file holds. */
export interface Run {
  machine: Machine;
  contenders: (Contender | Unavailable)[];
  results: Map<string, Results>;
  growth: Growth[];
  verdicts: Verdict[];
}

/** All tables. */
export function report(run: Run): string {
  const named = (names: readonly string[]) => names.filter((name) => run.results.has(name));
  const { machine } = run;
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGB} GB, ${machine.os}; ` +
    `load ${machine.load.toFixed(2)}; ${machine.date}`,
    run.contenders.map((one) =>
      "missing" in one ? `${one.name}: n/a` : `${one.name} ${one.version}`.trim()
    ).join(", "),
    "## Proxies\n\nMedian over the rounds, ± half the distance between the quartiles.",
    figureTable(run, named(proxies), true),
    "## Bridges\n\nOur proxy between a client and a server of different eras.",
    figureTable(run, named(["ours (node)", ...bridges]), false),
    "## Limits\n\nNo proxy at all, and the least that one can be: what the machine and the runtimes allow.",
    figureTable(run, named(limits), false),
    growthTables(run.growth),
    "## Targets",
    targetTable(run.verdicts),
    missingList(run),
  ].filter(Boolean).join("\n\n");
}

const COMPARED = [
  ["ours (node)", "v1"],
  ["ours (deno)", "v1"],
  ["ours (node)", "mcp-remote"],
] as const;

function figureTable(run: Run, names: string[], ratios: boolean): string {
  const pairs = ratios
    ? COMPARED.filter((pair) => pair.every((name) => run.results.has(name)))
    : [];
  const rows = (Object.entries(figures) as [FigureKey, Figure][])
    .filter(([key]) => names.some((name) => run.results.get(name)?.[key]))
    .map(([key, figure]) => [
      figure.unit ? `${figure.label}, ${figure.unit}` : figure.label,
      ...names.map((name) => cell(figure, run.results.get(name)?.[key])),
      ...pairs.map(([a, b]) => ratio(run.results, key, a, b)?.toFixed(2) ?? ""),
    ]);
  return table(["", ...names, ...pairs.map(([a, b]) => `${a} / ${b}`)], rows);
}

function cell({ digits }: Figure, result: Results[FigureKey]): string {
  if (!result) return "";
  if ("missing" in result) return "n/a";
  const spread = (result.q3 - result.q1) / 2;
  const median = result.median.toFixed(digits);
  return result.samples.length > 1 ? `${median} ±${spread.toFixed(digits)}` : median;
}

function growthTables(growth: Growth[]): string {
  if (growth.length === 0) return "";
  const names = growth.map(({ name }) => name);
  const steps = (key: "callsPerSecond" | "thereAndBack") => Object.keys(growth[0][key]).map(Number);
  const value = (outcome: Outcome | undefined, show: (value: number) => string) =>
    typeof outcome === "number" ? show(outcome) : "n/a";
  return [
    "## Growth\n\nMicroseconds a call, by calls in flight.",
    table(
      ["in flight", ...names],
      steps("callsPerSecond").map((step) => [
        String(step),
        ...growth.map((one) => value(one.callsPerSecond[step], (n) => (1e6 / n).toFixed(0))),
      ]),
    ),
    "There and back by size of the message: milliseconds · milliseconds a megabyte · peak memory, MB.",
    table(
      ["size", ...names],
      steps("thereAndBack").map((step) => [
        step < 1e6 ? `${step / 1e3} KB` : `${step / 1e6} MB`,
        ...growth.map((one) =>
          value(
            one.thereAndBack[step],
            (ms) => `${ms.toFixed(2)} · ${(ms / step * 1e6).toFixed(1)}`,
          ) +
          ` · ${value(one.peak[step], (mb) => mb.toFixed(0))}`
        ),
      ]),
    ),
  ].join("\n\n");
}

function targetTable(verdicts: Verdict[]): string {
  return table(
    ["figure", "of", "over", "target", "measured", ""],
    verdicts.map((one) => [
      figures[one.figure].label,
      one.ours,
      one.against,
      `${figures[one.figure].better === "less" ? "≤" : "≥"} ${one.ratio}`,
      one.measured?.toFixed(2) ?? "n/a",
      one.met ? "met" : one.close ? "close" : "**missed**",
    ]),
  );
}

function missingList(run: Run): string {
  const lines = run.contenders.flatMap((one) =>
    "missing" in one ? `${one.name}: ${one.missing}` : []
  );
  for (const [name, results] of run.results) {
    const reasons = Map.groupBy(
      Object.entries(results).filter(([, result]) => "missing" in result),
      ([, result]) => "missing" in result ? result.missing : "",
    );
    for (const [reason, entries] of reasons) {
      const labels = entries.map(([key]) => figures[key as FigureKey].label).join("; ");
      lines.push(`${name} (${labels}): ${reason}`);
    }
  }
  if (lines.length === 0) return "";
  return "## Not available\n\n" + lines.map((line) => `- ${line.replaceAll("\n", " ")}`).join("\n");
}

function table(head: string[], rows: string[][]): string {
  const widths = head.map((_, i) => Math.max(3, ...[head, ...rows].map((row) => row[i].length)));
  const line = (row: string[]) => `| ${row.map((text, i) => text.padEnd(widths[i])).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
