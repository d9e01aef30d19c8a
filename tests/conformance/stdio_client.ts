/** An MCP client over stdio that knows no more than JSON-RPC, so it hides nothing. */

import { type Line, type Proxy, startProxy } from "../parts/proxy.ts";

/** A JSON object. */
export type Json = Record<string, unknown>;

/** A JSON-RPC error as an exception. */
export class RpcError extends Error {
  /** The JSON-RPC error's code. */
  readonly code: number;
  /** The JSON-RPC error's `data`. */
  readonly data: unknown;

  /** Takes over the members of a JSON-RPC error object. */
  constructor(method: string, error: { code: number; message: string; data?: unknown }) {
    super(`${method}: ${error.code} ${error.message}`);
    this.code = error.code;
    this.data = error.data;
  }
}

/** Milliseconds that the proxy may live: less than the suite gives its client. */
const LIMIT = 100_000;

/** Answers to a server's requests, by method. */
export type Handlers = Readonly<Record<string, (params: Json) => Json>>;

/** A proxy's process, spoken to in JSON-RPC. */
export class StdioClient implements AsyncDisposable {
  readonly #proxy: Proxy;
  readonly #handlers: Handlers;
  readonly #serving: Promise<void>;
  #nextId = 1;

  /** Starts the proxy with these variables. Handlers answer the server's requests. */
  constructor(env: Record<string, string>, handlers: Handlers = {}) {
    this.#proxy = startProxy({ env, timeoutMs: LIMIT });
    this.#handlers = handlers;
    this.#serving = this.#serve();
  }

  /** Whether the proxy has put a bridge between this client and the server. */
  get isBridged(): boolean {
    return this.#proxy.stderr.includes("the proxy bridges between them");
  }

  /**
   * Sends a request and gives its result.
   *
   * @throws {RpcError} where the answer is a JSON-RPC error
   * @throws {Error} where the proxy ends without an answer
   */
  async request(method: string, params: Json = {}): Promise<Json> {
    const id = this.#nextId++;
    await this.#proxy.send({ jsonrpc: "2.0", id, method, params });
    const { message } = await this.#proxy.response(id);
    if (message.error) throw new RpcError(method, message.error);
    return message.result;
  }

  /** Sends a notification. */
  async notify(method: string, params?: Json): Promise<void> {
    await this.#proxy.send({ jsonrpc: "2.0", method, params });
  }

  /**
   * Closes the proxy's stdin, waits until it has left, and looks at all that it wrote.
   *
   * @throws {Error} where it did not leave with 0, or wrote anything that is neither a server's
   * message nor the one answer to a request
   */
  async finish(): Promise<void> {
    await this.#proxy.closeStdin();
    const { code } = await this.#proxy.status;
    if (code !== 0) throw new Error(`the proxy ended with ${code}`);
    const answered = new Set<unknown>();
    for (const { text, message } of this.#proxy.lines) {
      if (typeof message?.method === "string") continue;
      const { id } = message ?? {};
      const known = typeof id === "number" && id < this.#nextId;
      if (!known || answered.has(id)) throw new Error(`a line that nobody asked for: ${text}`);
      answered.add(id);
    }
  }

  /** Ends the proxy, whatever it does, and passes its log on. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#proxy[Symbol.asyncDispose]();
    await this.#serving;
    console.error(this.#proxy.stderr);
  }

  /** Answers requests of the server until stdout ends. */
  async #serve(): Promise<void> {
    const fromServer = ({ message }: Line) => typeof message?.method === "string";
    for (;;) {
      const line = await this.#proxy.next(fromServer).catch(() => undefined);
      if (!line) return;
      const { id, method, params } = line.message;
      if (id === undefined) continue;
      const handler = this.#handlers[method];
      const answer = handler
        ? { result: handler(params) }
        : { error: { code: -32601, message: `Method not found: ${method}` } };
      await this.#proxy.send({ jsonrpc: "2.0", id, ...answer });
    }
  }
}
