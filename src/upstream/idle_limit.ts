/** Notices streams in which nothing arrives. */

import { restartableTimer } from "../async/timing.ts";

/** Calls `notice` with each chunk that comes. */
export async function* noticing(
  chunks: AsyncIterable<Uint8Array>,
  notice: () => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    notice();
    yield chunk;
  }
}

/**
 * A body in which something should arrive all the time, at least comments.
 *
 * @param milliseconds that it may be silent; `undefined` for no limit
 * @param onSilence called each time that it was silent for so long
 */
export async function* withIdleLimit(
  chunks: AsyncIterable<Uint8Array>,
  milliseconds: number | undefined,
  onSilence: () => void,
): AsyncGenerator<Uint8Array> {
  if (milliseconds === undefined) return yield* chunks;
  const timer = restartableTimer(milliseconds, () => {
    timer.restart();
    onSilence();
  });
  timer.restart();
  try {
    yield* noticing(chunks, timer.restart);
  } finally {
    timer.stop();
  }
}
