/** What we promise, as ratios within one run. */
import { bridges, type Name } from "./contenders.ts";
import { type FigureKey, figures } from "./figures.ts";
import type { Results } from "./rounds.ts";

/** One promise: `figure` of `ours` over that of `against` is at most, or at least, `ratio`. */
export interface Target {
  figure: FigureKey;
  ours: Name;
  against: Name;
  ratio: number;
  /**
   * Where we are, if the promise is not kept: what the guard against slipping back goes by. The
   * reasons are in `docs/performance.md`.
   */
  reached?: number;
}

const both = (figure: FigureKey, against: Name, ratio: number, reached: Reached = {}): Target[] =>
  (["ours (node)", "ours (deno)"] as const).map((ours) => ({
    ...{ figure, ours, against, ratio },
    reached: reached[ours],
  }));

type Reached = Partial<Record<Name, number>>;

/** All promises. */
export const targets: Target[] = [
  { figure: "start", ours: "ours (node)", against: "v1", ratio: 1.0 },
  { figure: "start", ours: "ours (node)", against: "empty (node)", ratio: 2 },
  { figure: "start", ours: "ours (deno)", against: "empty (deno)", ratio: 2, reached: 3 },
  ...both("p50", "v1", 0.75, { "ours (node)": 1, "ours (deno)": 1.3 }),
  ...both("p50", "mcp-remote", 0.35),
  ...both("json64", "v1", 1.3),
  ...both("json64", "mcp-remote", 2),
  ...both("echo8", "v1", 0.5),
  ...both("peak8", "v1", 0.7),
  ...both("peak8", "mcp-remote", 0.3),
  ...bridges.map((ours): Target => ({ figure: "p50", ours, against: "ours (node)", ratio: 1.3 })),
  { figure: "installedKB", ours: "ours (node)", against: "v1", ratio: 1.0 },
  { figure: "installedPackages", ours: "ours (node)", against: "v1", ratio: 1.0 },
];

/** How far beyond a target, or what is reached of it, the guard lets a short run on a busy machine go. */
export const MARGIN = 1.3;

/** A target and what the run says about it. */
export interface Verdict extends Target {
  measured: number | undefined;
  met: boolean;
  /** Met, or within the margin. */
  close: boolean;
  /** Within the margin of what has been reached before. */
  tolerated: boolean;
}

/** Compares a run with the targets whose two sides were both measured in it or should have been. */
export function verdicts(results: Map<string, Results>): Verdict[] {
  return targets.filter(({ ours, against }) => results.has(ours) && results.has(against))
    .map((target) => {
      const measured = ratio(results, target.figure, target.ours, target.against);
      /** How many times worse than `than` it is. */
      const excess = (than: number) => {
        if (measured === undefined) return Infinity;
        return figures[target.figure].better === "less" ? measured / than : than / measured;
      };
      return {
        ...target,
        measured,
        met: excess(target.ratio) <= 1,
        close: excess(target.ratio) <= MARGIN,
        tolerated: excess(target.reached ?? target.ratio) <= MARGIN,
      };
    });
}

/** One contender's figure over another's; undefined if either is missing. */
export function ratio(
  results: Map<string, Results>,
  figure: FigureKey,
  ours: string,
  against: string,
): number | undefined {
  const [a, b] = [results.get(ours)?.[figure], results.get(against)?.[figure]];
  if (!a || !b || "missing" in a || "missing" in b) return undefined;
  return a.median / b.median;
}
