/** How long and how wide a run is. */
import { bridges, limits, type Name, proxies } from "./contenders.ts";
import type { GrowthPlan } from "./growth.ts";
import type { Plan } from "./work.ts";

/** One kind of run. */
export interface RunPlan {
  contenders: readonly Name[];
  /** Rounds of starting. */
  starts: number;
  /** Rounds of work. */
  rounds: number;
  work: Plan;
  /** Whose growth is measured. */
  grown: readonly Name[];
  growth: GrowthPlan;
}

/** Everything, a few minutes. */
export const full: RunPlan = {
  contenders: [...proxies, ...bridges, ...limits],
  starts: 11,
  rounds: 5,
  work: { settle: 400, streams: 5, calls: 1000, parallelCalls: 2500, echo8: 3, echo32: 1 },
  grown: ["ours (node)", "ours (deno)", "v1"],
  growth: {
    inFlight: [1, 10, 100, 1000],
    calls: 5000,
    sizes: [1e3, 16e3, 256e3, 1e6, 4e6, 16e6, 64e6],
  },
};

/** The guard: us and v1, less than a minute. */
export const quick: RunPlan = {
  contenders: ["ours (node)", "ours (deno)", ...bridges, "v1", "empty (node)", "empty (deno)"],
  starts: 9,
  rounds: 5,
  work: { settle: 100, streams: 2, calls: 800, parallelCalls: 1500, echo8: 3, echo32: 0 },
  grown: [],
  growth: { inFlight: [], calls: 0, sizes: [] },
};
