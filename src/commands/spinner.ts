/** Moves on the terminal while something is being done. */
export interface Spinner {
  /** Shows the text, or replaces the one that is shown. */
  start(text: string): void;
  stop(): void;
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
/** Clears the line that the cursor is in. */
export const CLEAR_LINE = "\r\x1b[K";

/**
 * A spinner for a terminal.
 *
 * @param write writes to the terminal
 * @param every calls a function repeatedly; returns a function that stops it
 */
export function terminalSpinner(
  write: (text: string) => void,
  every: (tick: () => void) => () => void = everyTick,
): Spinner {
  let end: (() => void) | undefined;
  let shown = "";
  let frame = 0;
  return {
    start(text) {
      shown = text;
      end ??= every(() => write(`${CLEAR_LINE}${FRAMES[frame++ % FRAMES.length]} ${shown}…`));
    },
    stop() {
      if (!end) return;
      end();
      end = undefined;
      write(CLEAR_LINE);
    },
  };
}

function everyTick(tick: () => void): () => void {
  const timer = setInterval(tick, 100);
  return () => clearInterval(timer);
}
