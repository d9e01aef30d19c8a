/** Shows that something is being done. */
export interface Spinner {
  start(text: string): void;
  stop(): void;
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const CLEAR_LINE = "\r\x1b[K";

/**
 * A spinner for a terminal.
 *
 * @param write writes to it
 * @param every calls a function again and again, and returns what ends that
 */
export function terminalSpinner(
  write: (text: string) => void,
  every: (tick: () => void) => () => void = everyTick,
): Spinner {
  let end: (() => void) | undefined;
  let frame = 0;
  return {
    start(text) {
      end?.();
      end = every(() => write(`${CLEAR_LINE}${FRAMES[frame++ % FRAMES.length]} ${text}…`));
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
