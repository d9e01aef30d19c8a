/** Interleaved rounds: what the machine does to one contender, it does to all. */
import type { Contender } from "./contenders.ts";
import { type FigureKey, figures, type Outcomes } from "./figures.ts";
import { type Summary, summary } from "./stats.ts";

/** Figures of one contender over a run: summaries, or why there is none. */
export type Results = Partial<Record<FigureKey, Summary | { missing: string }>>;

/** Collects what the rounds of a run give. */
export class Samples {
  readonly #samples = new Map<string, Map<FigureKey, number[]>>();
  readonly #missing = new Map<string, Map<FigureKey, string>>();

  /** Adds what one round gave for `name`. */
  add(name: string, outcomes: Outcomes): void {
    for (const [key, outcome] of Object.entries(outcomes) as [FigureKey, number][]) {
      if (typeof outcome === "number") at(this.#samples, name, key, []).push(outcome);
      else at(this.#missing, name, key, (outcome as { missing: string }).missing);
    }
  }

  /** The figures of `name`. One that failed in any round is missing: a crash is not a result. */
  results(name: string): Results {
    const results: Results = {};
    for (const key of Object.keys(figures) as FigureKey[]) {
      const missing = this.#missing.get(name)?.get(key);
      const samples = this.#samples.get(name)?.get(key);
      if (missing) results[key] = { missing };
      else if (samples) results[key] = summary(samples);
    }
    return results;
  }
}

/** Runs `measure` for each contender in each of `rounds`, starting with another one each time. */
export async function interleave(
  contenders: Contender[],
  rounds: number,
  measure: (contender: Contender) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < contenders.length; i++) {
      await measure(contenders[(round + i) % contenders.length]);
    }
  }
}

function at<T>(table: Map<string, Map<FigureKey, T>>, name: string, key: FigureKey, empty: T): T {
  const row = table.get(name) ?? new Map<FigureKey, T>();
  table.set(name, row);
  if (!row.has(key)) row.set(key, empty);
  return row.get(key)!;
}
