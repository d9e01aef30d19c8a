/**
 * Waits for work, up to a time limit.
 *
 * @param milliseconds how long it may take
 * @throws {Error} if the work does not end in time
 */
export async function waitAtMost<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer;
  const timeout = new Promise<never>((_, reject) => {
    const seconds = Math.round(milliseconds / 1000);
    timer = setTimeout(() => reject(new Error(`no answer within ${seconds}s`)), milliseconds);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
