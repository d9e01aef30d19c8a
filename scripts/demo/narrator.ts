/** Prints what happens, step by step, with the seconds since the start. */
export interface Narrator {
  /** Prints a step that is done. */
  step(text: string): void;
  /** Prints what one of the parts did, line by line. */
  says(part: string, text: string): void;
}

/** @param print writes one line */
export function createNarrator(print: (line: string) => void): Narrator {
  const started = performance.now();
  let steps = 0;
  return {
    step(text) {
      const seconds = ((performance.now() - started) / 1000).toFixed(2).padStart(5);
      print(`${seconds}s  ${++steps}. ${text}`);
    },
    says(part, text) {
      for (const line of text.trimEnd().split("\n")) print(`${part.padStart(30)} | ${line}`);
    },
  };
}
