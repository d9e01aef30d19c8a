/** Whoever answers the calls: a proxy over stdio, or the server itself. */
export interface Peer {
  /** Its process; the figures of `/proc` are read for it and its children. */
  pid: number;
  /** What each request has in its `_meta`, besides the progress token. */
  meta?: Readonly<Record<string, unknown>>;
  /** Sends one request; its reply, or an error that says why there will be none. */
  request(message: Uint8Array, id: number): Promise<Reply>;
  /** The next progress notification that arrives. */
  notification(): Promise<void>;
}

/** A reply, undecoded beyond its beginning. */
export interface Reply {
  /** The first few hundred characters; the whole of a small reply. */
  head: string;
  /** The whole of it. */
  bytes(): Uint8Array;
}

/** Throws if `reply` is a JSON-RPC error. */
export function assertResult({ head }: Reply): void {
  if (/"error"\s*:\s*\{/.test(head)) throw new Error(head.slice(0, 160));
}
