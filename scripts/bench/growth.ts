/** Whether cost grows faster than the work: more in flight, and larger messages. */
import type { Contender } from "./contenders.ts";
import { started } from "./measures.ts";
import type { Outcome } from "./figures.ts";
import { TOOLS } from "./messages.ts";
import { peakMB } from "./proc.ts";
import { attempt, echo, parallel } from "./work.ts";

/** How far it is taken. */
export interface GrowthPlan {
  inFlight: number[];
  /** Calls for each number in flight. */
  calls: number;
  /** Bytes. */
  sizes: number[];
}

/** One contender's costs. */
export interface Growth {
  name: string;
  /** Calls a second, by number in flight. */
  callsPerSecond: Record<number, Outcome>;
  /** Milliseconds there and back, by bytes. */
  thereAndBack: Record<number, Outcome>;
  /** Peak megabytes of the process after each size. */
  peak: Record<number, Outcome>;
}

/** Measures `contender` at each step of `plan`, smallest first, in one process for each of the two. */
export async function measureGrowth(contender: Contender, plan: GrowthPlan): Promise<Growth> {
  const growth: Growth = { name: contender.name, callsPerSecond: {}, thereAndBack: {}, peak: {} };
  {
    await using child = await started(contender);
    await attempt(() => parallel(child, TOOLS.json, 300, 4));
    for (const inFlight of plan.inFlight) {
      growth.callsPerSecond[inFlight] = await attempt(() =>
        parallel(child, TOOLS.json, plan.calls, inFlight)
      );
    }
  }
  await using child = await started(contender);
  await attempt(() => parallel(child, TOOLS.json, 300, 4));
  for (const size of plan.sizes) {
    const times = Math.max(1, Math.min(50, Math.round(8e6 / size)));
    growth.thereAndBack[size] = await attempt(() => echo(child, size, times));
    growth.peak[size] = await attempt(() => peakMB(child.pid));
  }
  return growth;
}
