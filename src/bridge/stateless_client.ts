import { createQueue } from "../async/queue.ts";
import { unlessAborted } from "../async/timing.ts";
import { messageOf } from "../errors.ts";
import { type Id, type Message, paramOf } from "../json/jsonrpc.ts";
import { membersOf } from "../json/edit.ts";
import type { Text } from "../json/text.ts";
import type { Log } from "../log/log.ts";
import { UNSUPPORTED_VERSION } from "../mcp/error_codes.ts";
import { LEGACY_ONLY, METHOD } from "../mcp/methods.ts";
import { declaredVersion, META } from "../mcp/request_metadata.ts";
import { MODERN } from "../mcp/revisions.ts";
import type { Reply, Upstream, Waiting } from "../upstream/upstream.ts";
import { bridgeable } from "./capabilities.ts";
import { asObject } from "../json/value.ts";
import { subscribeClient } from "./client_subscription.ts";
import { discoverResult } from "./discovery.ts";
import { createHeldCalls } from "./held_calls.ts";
import { createLegacyCall, type LegacyCall } from "./legacy_call.ts";
import { beginSession, type LegacySession, SessionRefused, UNSUPPORTED } from "./legacy_session.ts";
import { CLOSE_UNUSED_WITHIN, INPUT_WITHIN, MAX_SESSIONS } from "../limits.ts";
import { paramsOf } from "./request_text.ts";
import { failed, NO_REPLY, succeeded, withoutMethod, wrongState } from "./replies.ts";

/** A modern client in front of a legacy server. */
export interface StatelessClient extends Upstream {
  /**
   * Begins the session that a request needs.
   *
   * @throws {ProxyError} if the server begins none
   */
  begin(message: Message): Promise<void>;
}

/** A session, and what is said in it. */
interface Open {
  readonly session: LegacySession;
  /** Calls that are with the server, by the id that it knows them by. */
  readonly calls: Map<Id, LegacyCall>;
  logLevel?: string;
  /** Subscriptions to resources, with how many clients' requests need them. */
  readonly uris: Map<string, number>;
}

/**
 * Lets a client of 2026-07-28, which has no sessions, use a server that needs one.
 *
 * @param connect gives a connection on which a session can begin
 * @param maxHeld calls that may wait for input at the same time
 * @param heldFor milliseconds that they may wait
 */
export function statelessClient(
  connect: () => Upstream,
  { maxHeld, log, heldFor = INPUT_WITHIN }: { maxHeld: number; log: Log; heldFor?: number },
): StatelessClient {
  const sessions = new Map<string, Promise<Open>>();
  const held = createHeldCalls({ max: maxHeld, heldFor, log });
  let latest = 0;

  function sessionFor(message: Message, { signal }: Waiting): Promise<Open> {
    return unlessAborted(sharedSession(message), signal);
  }

  function sharedSession(message: Message): Promise<Open> {
    const meta = asObject(paramOf(message, "_meta"));
    const key = JSON.stringify(meta[META.clientCapabilities]);
    const known = sessions.get(key);
    if (known) {
      sessions.delete(key);
      sessions.set(key, known); // The first of the map is the one that was not used for longest.
      return known;
    }
    for (const [oldest, session] of sessions) {
      if (sessions.size < MAX_SESSIONS) break;
      sessions.delete(oldest);
      session.then((open) => end(open, AbortSignal.timeout(CLOSE_UNUSED_WITHIN)), () => {});
    }
    const capabilities = bridgeable(meta[META.clientCapabilities]);
    const clientInfo = JSON.stringify(meta[META.clientInfo] ?? { name: "unknown", version: "" });
    const upstream = connect();
    const begun = beginSession(upstream, clientInfo, capabilities, log).then((session) => {
      const open: Open = { session, calls: new Map(), uris: new Map() };
      session.listeners.add((received) => dispatch(open, received));
      return open;
    });
    sessions.set(key, begun);
    begun.catch(() => {
      if (sessions.get(key) === begun) sessions.delete(key);
      upstream.close(AbortSignal.timeout(CLOSE_UNUSED_WITHIN));
    });
    return begun;
  }

  /** A message outside of any response stream: a call's, or nobody's. Subscriptions listen too. */
  function dispatch({ session, calls }: Open, received: Message): void {
    const { kind, method, requests: [id] } = received;
    const attached = [...calls.values()].filter((call) => call.isAttached);
    if (kind === "request") {
      if (method === METHOD.ping) return void session.answer(id, '"result":{}').catch(() => {});
      // Which call it belongs to is not known; the latest is the most likely.
      const isTaken = attached.findLast(({ canAsk }) => canAsk)?.add(received);
      if (!isTaken) session.answer(id, UNSUPPORTED).catch(() => {});
    } else if (method === METHOD.progress) {
      const token = paramOf(received, "progressToken");
      attached.find(({ progressToken }) => progressToken === token)?.add(received);
    } else if (method === METHOD.log && attached.length === 1) attached[0].add(received);
  }

  /** Goes on with a call that waits for the input in this request. */
  async function resume(message: Message, state: string, waiting: Waiting): Promise<Reply> {
    const call = waiting.signal.aborted ? undefined : await held.take(message, state);
    if (!call) return wrongState(message);
    const inputs = paramsOf(message).get("inputResponses");
    return call.resume(message, inputs ? membersOf(inputs, inputs, 0) : new Map(), waiting);
  }

  async function call(message: Message, waiting: Waiting): Promise<Reply> {
    const state = paramOf(message, "requestState");
    if (typeof state === "string") return await resume(message, state, waiting);
    const open = await sessionFor(message, waiting);
    const logLevel = paramOf(message, "_meta", META.logLevel);
    await setLogLevel(open, logLevel);
    const [id] = message.requests;
    const wireId = open.calls.has(id) ? JSON.stringify(`mcp-oauth-proxy-call-${++latest}`) : id;
    const call = createLegacyCall({
      session: open.session,
      message,
      wireId,
      wantsLog: logLevel !== undefined,
      hold: (call) => held.hold(call, message),
      onEnd(call) {
        open.calls.delete(wireId);
        held.remove(call);
      },
    });
    open.calls.set(wireId, call);
    return await call.begin(waiting);
  }

  async function setLogLevel(open: Open, level: unknown): Promise<void> {
    const offers = asObject(open.session.server.capabilities).logging !== undefined;
    if (typeof level !== "string" || level === open.logLevel || !offers) return;
    open.logLevel = level;
    await open.session.ask(METHOD.setLevel, JSON.stringify({ level })).catch((error) => {
      open.logLevel = undefined; // The next request tries again; this one does not fail for it.
      log.debug("OAuth Proxy", `logging/setLevel failed: ${messageOf(error)}`);
    });
  }

  async function discover(message: Message, waiting: Waiting): Promise<Reply> {
    return succeeded(message, discoverResult((await sessionFor(message, waiting)).session));
  }

  async function listen(message: Message, waiting: Waiting): Promise<Reply> {
    const { session, uris } = await sessionFor(message, waiting);
    const messages = createQueue<Text>();
    return await subscribeClient({ session, uris, message, messages, signal: waiting.signal });
  }

  /** What the bridge does with requests by method; the others are calls at the server. */
  const ROWS: Readonly<Record<string, (message: Message, waiting: Waiting) => Promise<Reply>>> = {
    [METHOD.discover]: discover,
    [METHOD.listen]: listen,
    ...Object.fromEntries(
      LEGACY_ONLY.map((method) => [method, (message) => Promise.resolve(withoutMethod(message))]),
    ),
  };

  async function send(message: Message, waiting: Waiting): Promise<Reply> {
    const { kind, method = "" } = message;
    if (kind !== "request") return NO_REPLY;
    const requested = declaredVersion(message);
    if (requested !== MODERN) {
      const text = `Unsupported protocol version: ${requested}`;
      const data = { supported: [MODERN], requested };
      return failed(message, { code: UNSUPPORTED_VERSION, message: text, data });
    }
    try {
      return await (Object.hasOwn(ROWS, method) ? ROWS[method] : call)(message, waiting);
    } catch (error) {
      if (!(error instanceof SessionRefused)) throw error;
      const { code, message: text, data } = JSON.parse(error.text).error ?? {};
      return failed(message, { code, message: text, data });
    }
  }

  async function end({ session, calls }: Open, signal: AbortSignal): Promise<void> {
    await Promise.all([...calls.values()].map((call) => call.cancel()));
    await session.close(signal);
  }

  return {
    send,
    begin: async (message) => void await sharedSession(message),
    listen: async function* () {}, // A modern client hears nothing outside of its requests.
    async close(signal) {
      const open = [...sessions.values()];
      sessions.clear();
      const closed = open.map((session) => session.then((it) => end(it, signal), () => {}));
      const late = new Promise((resolve) => signal.addEventListener("abort", resolve));
      await Promise.race([Promise.all(closed), late]);
    },
  };
}
