/** Sends JSON-RPC requests and waits for their responses. */

import type { ErrorDetails, Reason } from "../../errors.ts";
import { memberText } from "../../json/spans.ts";
import { oneLine } from "../../json/jsonrpc.ts";
import { type ProxyEvents, runProxy } from "../../proxy.ts";
import type { Runtime } from "../../runtime/types.ts";
import type { Settings } from "../../settings/settings.ts";
import { readLines } from "../../stdio/lines.ts";
import { stringOf } from "../../json/text.ts";

/** A JSON-RPC error that a request was answered with. */
export class RpcError extends Error {
  /** @ignore */
  override readonly name = "RpcError";

  /**
   * @param text the error object, as it was written
   * @param code its code
   * @param message its message
   * @param data its data: that of the proxy's own errors, or whatever a server sends
   */
  constructor(
    readonly text: string,
    readonly code: number,
    message: string,
    readonly data?: { source?: string; reason?: Reason } & ErrorDetails,
  ) {
    super(message);
  }
}

/** The client's end of a proxy that runs in this process. */
export interface Rpc {
  /**
   * Sends a request.
   *
   * @param params a JSON object, as text
   * @returns the result, as the server wrote it
   * @throws {RpcError} if the answer is an error
   */
  request(method: string, params: string): Promise<string>;
  /** Sends a notification. */
  notify(method: string): Promise<void>;
  /** Closes the client's end; resolves when the proxy is done. */
  close(): Promise<void>;
}

/** What the client's end hears, in addition to the proxy's own events. */
export interface RpcEvents extends ProxyEvents {
  /** Takes each notification of the server. */
  readonly onNotification?: (method: string, params: unknown) => void;
}

/** Methods that a server may call; all others get an error. */
const ANSWERS: ReadonlyMap<string, string> = new Map([["ping", '"result":{}']]);
const UNKNOWN = '"error":{"code":-32601,"message":"This client does not support server requests"}';

/**
 * Runs the proxy with this program as its client, so that a message goes the way that every client's
 * messages go.
 */
export function startRpc(settings: Settings, runtime: Runtime, events?: RpcEvents): Rpc {
  const input = new TransformStream<Uint8Array, Uint8Array>();
  const output = new TransformStream<Uint8Array, Uint8Array>();
  const toProxy = input.writable.getWriter();
  const fromProxy = output.writable.getWriter();
  const waiting = new Map<number, (text: string) => void>();
  const encoder = new TextEncoder();
  let latest = 0;

  const send = (line: string) => toProxy.write(encoder.encode(`${line}\n`));
  const proxy = runProxy(
    settings,
    {
      ...runtime,
      stdin: () => input.readable,
      writeStdout: (chunk) => fromProxy.write(chunk),
    },
    undefined,
    events,
  ).finally(() => fromProxy.close());
  // A proxy that cannot start reads nothing, so that whoever writes to it would wait for ever.
  const failed = proxy.then(() => new Promise<never>(() => {}));
  failed.catch(() => {}); // The next request gets it.
  const reading = (async () => {
    for await (const [line] of readLines(output.readable)) take(stringOf(line));
  })();

  function take(line: string): void {
    if (line === "") return;
    const { id, method, params } = JSON.parse(line);
    if (method === undefined) {
      waiting.get(id)?.(line);
      waiting.delete(id);
    } else if (id !== undefined) {
      send(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},${ANSWERS.get(method) ?? UNKNOWN}}`);
    } else {
      events?.onNotification?.(method, params);
    }
  }

  return {
    async request(method, params) {
      const id = ++latest;
      const answer = new Promise<string>((resolve) => waiting.set(id, resolve));
      const head = `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)}`;
      await Promise.race([send(`${head},"params":${oneLine(params)}}`), failed]);
      const text = await Promise.race([answer, proxy.then(() => answer)]);
      return resultOf(text);
    },
    notify: (method) => send(`{"jsonrpc":"2.0","method":${JSON.stringify(method)}}`),
    async close() {
      await Promise.race([toProxy.close(), failed]);
      await proxy;
      await reading;
    },
  };
}

/** The result of a response, as it was written. */
function resultOf(text: string): string {
  const result = memberText(text, "result");
  if (result !== undefined) return result;
  const error = memberText(text, "error") ?? "null";
  const { code, message, data } = JSON.parse(error) ?? {};
  throw new RpcError(error, code, message, data);
}
