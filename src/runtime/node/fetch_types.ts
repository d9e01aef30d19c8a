/**
 * Plain `Headers` and `Response` in place of Node's own, for the command only. oauth4webapi makes
 * and takes them, and the first use of Node's loads all of `fetch`: 20 ms, a quarter of the time to
 * the first answer, for something that is never called. They do what oauth4webapi and the proxy ask
 * of them, and no more; `node:http` checks what is sent.
 *
 * To be imported before any use of either.
 *
 * @module
 */

type Pairs = Readonly<Record<string, string>> | PlainHeaders;

class PlainHeaders {
  readonly #values = new Map<string, string>();

  constructor(init: Pairs = {}) {
    const pairs = init instanceof PlainHeaders ? init.entries() : Object.entries(init);
    for (const [name, value] of pairs) this.append(name, value);
  }

  // By which oauth4webapi knows them.
  get [Symbol.toStringTag](): string {
    return "Headers";
  }

  append(name: string, value: string): void {
    this.set(name, this.has(name) ? `${this.get(name)}, ${value}` : value);
  }

  get(name: string): string | null {
    return this.#values.get(name.toLowerCase()) ?? null;
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  set(name: string, value: string): void {
    this.#values.set(name.toLowerCase(), value);
  }

  entries(): IterableIterator<[string, string]> {
    return this.#values.entries();
  }
}

class PlainResponse {
  readonly #text: string;
  readonly status: number;
  readonly headers: PlainHeaders;
  bodyUsed = false;

  constructor(text: string | null, { status, headers }: { status: number; headers?: Pairs }) {
    this.#text = text ?? "";
    this.status = status;
    this.headers = new PlainHeaders(headers);
  }

  get [Symbol.toStringTag](): string {
    return "Response";
  }

  clone(): PlainResponse {
    return new PlainResponse(this.#text, this);
  }

  text(): Promise<string> {
    this.bodyUsed = true;
    return Promise.resolve(this.#text);
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }
}

// Assigned, since redefining the properties makes Node load its own first.
Object.assign(globalThis, { Headers: PlainHeaders, Response: PlainResponse });
