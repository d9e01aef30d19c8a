/** Milliseconds after which a server may have closed a connection that is not in use. */
const IDLE = 500;

/** Milliseconds that the two clocks may drift apart before the machine counts as suspended. */
const DRIFT = 2_000;

/** The time of day, and the time that the machine has been awake; both in milliseconds. */
export interface Clocks {
  /** Goes on while the machine is suspended. */
  readonly wall: () => number;
  /** Stands still while the machine is suspended, as timers and connection pools do. */
  readonly awake: () => number;
}

const CLOCKS: Clocks = { wall: () => Date.now(), awake: () => performance.now() };

/**
 * Creates a function to call before each request, so that no request is sent on a connection that
 * is dead.
 *
 * After a pause the function returns a promise of one turn of the event loop: a connection that the
 * server has closed in the meantime is then noticed before it is used again. It is not possible to
 * tell afterwards whether the server read a request on such a connection. (Measured with a process
 * that was busy while the server closed: 149 of 400 requests fail without the turn on Deno, 2 with
 * it; 155 and 25 on Node. `setImmediate` comes too early on Deno.)
 *
 * After the machine was suspended (a laptop that slept), the time limits of idle connections have
 * not passed, but the server or a router has forgotten the connections: all of them are dropped.
 *
 * @param drop closes the connections that are not in use
 */
export function beforeReuse(
  drop: () => void,
  { wall, awake }: Clocks = CLOCKS,
): () => Promise<void> | undefined {
  let lastUse = Infinity;
  let offset = wall() - awake();
  return () => {
    const now = wall();
    const idle = now - lastUse;
    lastUse = now;
    const before = offset;
    offset = now - awake();
    if (offset - before > DRIFT) drop();
    return idle > IDLE ? new Promise((resolve) => setTimeout(resolve, 0)) : undefined;
  };
}
