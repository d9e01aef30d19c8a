/** The bytes of all `parts`, one behind the other. */
export function concat(parts: Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/**
 * A function that writes to `stream` in order, without being awaited. What is handed over while a write
 * is under way goes out with the next one, so that the bench is not what limits a fast contender.
 */
export function batchWriter(stream: WritableStream<Uint8Array>): (bytes: Uint8Array) => void {
  const writer = stream.getWriter();
  let queue: Uint8Array[] = [];
  let writing = false;

  async function drain() {
    writing = true;
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      await writer.write(concat(batch));
    }
    writing = false;
  }
  return (bytes) => {
    queue.push(bytes);
    // A pipe that breaks is noticed on the other side: the process has ended.
    if (!writing) drain().catch(() => {});
  };
}
