/** Summaries of samples. */

/** A figure over the rounds of a run. */
export interface Summary {
  median: number;
  /** Lower and upper quartile. */
  q1: number;
  q3: number;
  samples: number[];
}

/** Median and quartiles of `samples`, which must not be empty. */
export function summary(samples: number[]): Summary {
  return {
    median: quantile(samples, 0.5),
    q1: quantile(samples, 0.25),
    q3: quantile(samples, 0.75),
    samples,
  };
}

/** The `q` quantile (0 to 1), linear between neighbours. */
export function quantile(samples: number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)];
  return below + (sorted[Math.ceil(at)] - below) * (at - Math.floor(at));
}
