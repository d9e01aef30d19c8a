/**
 * Waits for work, but not for ever.
 *
 * @param milliseconds how long it may take
 * @throws {Error} if there is no answer in time
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
