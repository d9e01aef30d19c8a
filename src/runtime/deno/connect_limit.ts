import { connectTimeoutError } from "../connect_timeout.ts";
import type { HttpProxy } from "../proxy_variables.ts";

/** Milliseconds after which Deno has closed a connection that no request uses, with a margin. */
const KEPT_FOR = 4_500;

/** Origins whose latest use is remembered. */
const MAX_ORIGINS = 100;

/** Sends a request, with a signal that ends it. Calls `onFreed` when its connection may be free again. */
export type Send<T> = (signal: AbortSignal | undefined, onFreed: () => void) => Promise<T>;

/**
 * Creates a limit for the connections of one client. Deno's `fetch` has no such limit, and does not
 * tell when it is connected. So if a request that needs a new connection is not answered in half of
 * the time, a connection is made here, without a request: if that fails to connect in the other
 * half, the request cannot have been sent. Requests that may use a kept connection are not limited.
 *
 * @param milliseconds that a new connection may take, with DNS and TLS
 * @returns runs `send` within the limit; `signal` is the request's own
 */
export function createConnectLimit(milliseconds: number) {
  /** When a connection to an origin may have become free, by origin. */
  const freedAt = new Map<string, number>();

  async function limited<T>(
    target: URL,
    proxy: HttpProxy | undefined,
    signal: AbortSignal | undefined,
    send: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const late = new AbortController();
    const answered = new AbortController();
    const timer = setTimeout(async () => {
      if (await canConnect(target, proxy, milliseconds / 2, answered.signal)) return;
      late.abort(connectTimeoutError(milliseconds, proxy));
    }, milliseconds / 2);
    try {
      return await send(signal ? AbortSignal.any([late.signal, signal]) : late.signal);
    } finally {
      clearTimeout(timer);
      answered.abort();
    }
  }

  return <T>(
    target: URL,
    proxy: HttpProxy | undefined,
    signal: AbortSignal | undefined,
    send: Send<T>,
  ): Promise<T> => {
    const { origin } = target;
    const onFreed = () => {
      if (freedAt.size > MAX_ORIGINS) freedAt.clear();
      freedAt.set(origin, performance.now());
    };
    const mayBeKept = performance.now() - (freedAt.get(origin) ?? -Infinity) < KEPT_FOR;
    return mayBeKept
      ? send(signal, onFreed)
      : limited(target, proxy, signal, (signal) => send(signal, onFreed));
  };
}

/** Whether a connection can be made, or fails for another reason, which the request reports itself. */
async function canConnect(
  target: URL,
  proxy: HttpProxy | undefined,
  milliseconds: number,
  signal: AbortSignal,
): Promise<boolean> {
  const { hostname, port, protocol } = proxy?.url ?? target;
  let conn: Deno.Conn | undefined;
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort();
    conn?.close();
  }, milliseconds);
  try {
    const host = hostname.replace(/^\[|\]$/g, "");
    const address = { hostname: host, port: Number(port || (protocol === "https:" ? 443 : 80)) };
    const tcp = await Deno.connect({ ...address, signal: AbortSignal.any([late.signal, signal]) });
    conn = tcp;
    if (protocol === "https:") {
      const tls = await Deno.startTls(tcp, { hostname: host });
      conn = tls;
      await tls.handshake();
    }
    return true;
  } catch {
    return !late.signal.aborted;
  } finally {
    clearTimeout(timer);
    if (!late.signal.aborted) conn?.close();
  }
}
