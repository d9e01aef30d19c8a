/** The state of an open connection in the kernel's table. */
const ESTABLISHED = "01";

/**
 * Milliseconds until the kernel probes each open connection to a port of 127.0.0.1, from its table
 * of connections (Linux only); `Infinity` for a connection that it does not probe. Connections that
 * are closed stay in the table for a minute, and a new server may get the port of an earlier one.
 */
export async function probesTo(port: number): Promise<number[]> {
  const peer = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const table = (await Deno.readTextFile("/proc/net/tcp")).split("\n")
    .map((line) => line.trim().split(/\s+/));
  const timers = table
    .filter(([, , remote, state]) => remote === peer && state === ESTABLISHED)
    .map((columns) => columns[5]);
  // 02 is the timer of keep-alive; its time is in hundredths of a second.
  return timers.map((timer) =>
    timer.startsWith("02:") ? parseInt(timer.slice(3), 16) * 10 : Infinity
  );
}
