/** A source of numbers from 0 up to 1 that are the same for the same seed. */
export type Random = () => number;

/** Mulberry32: small, fast, and good enough for trouble. */
export function randomNumbers(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Numbers that depend on a name as well, and on nothing else: what happens to a request is the same
 * in a replay, whatever else happens at the time.
 */
export function randomFor(seed: number, name: string): Random {
  let hash = 0x811c9dc5 ^ seed;
  for (const char of name) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193);
  return randomNumbers(hash);
}

/** One of the choices, each as likely as its weight says. */
export function pick<T extends { readonly weight: number }>(
  choices: readonly T[],
  random: Random,
): T {
  let left = random() * choices.reduce((sum, { weight }) => sum + weight, 0);
  for (const choice of choices) {
    left -= choice.weight;
    if (left < 0) return choice;
  }
  return choices[0];
}

/** A whole number in a range, both ends included. */
export function between(low: number, high: number, random: Random): number {
  return low + Math.floor(random() * (high - low + 1));
}
