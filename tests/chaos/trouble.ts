import { type Random, randomFor, randomNumbers } from "./random.ts";

/** What the parts of the server share: chance, and the account of what has happened. */
export interface Trouble {
  /** For what happens to all at once. */
  readonly random: Random;
  /** Whether it is over. */
  isCalm: boolean;
  /** How often each thing has happened. */
  readonly happened: Map<string, number>;
  /** How often each key has been acted on. */
  readonly deeds: Map<string, number>;
  /** Notes that something has happened; returns how often it had before. */
  count(name: string): number;
  /** The chance of the next attempt of what has this name, the same in each replay. */
  attempt(name: string): Random;
}

/** Trouble that follows from a seed. */
export function createTrouble(seed: number): Trouble {
  const happened = new Map<string, number>();
  const attempts = new Map<string, number>();
  const increase = (counts: Map<string, number>, name: string) => {
    const before = counts.get(name) ?? 0;
    counts.set(name, before + 1);
    return before;
  };
  return {
    random: randomNumbers(seed),
    isCalm: false,
    happened,
    deeds: new Map(),
    count: (name) => increase(happened, name),
    attempt: (name) => randomFor(seed, `${name} ${increase(attempts, name)}`),
  };
}

/** Resolves after so many milliseconds. */
export function elapsed(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
