import { unlessAborted, withTimeout, withTimeoutAndAbort } from "../async/timing.ts";
import { rethrowFault } from "../errors.ts";
import type { Message } from "../json/jsonrpc.ts";
import { isTemporary } from "../upstream/retry_policy.ts";
import { firstResponse } from "../upstream/session.ts";
import type { Reply, Upstream, Waiting } from "../upstream/upstream.ts";
import type { Outcome } from "./refusal.ts";
import { CHECK_WITHIN, CLOSE_UNUSED_WITHIN, PROBE_WITHIN } from "../limits.ts";

/** The route to the server for clients of one era: direct, or over a bridge. */
export type Lane = Upstream;

/** What a lane is made of. */
export interface LaneOptions {
  /** The way without a bridge, which is tried first. */
  readonly native: Upstream;
  /** Whether an outcome without a bridge may mean that the server speaks the other era. */
  readonly isRefusal: (message: Message, outcome: Outcome) => boolean;
  /** A request that every server of the client's era answers, on behalf of a message. */
  readonly check: (message: Message) => Message;
  /** Tries the other era; resolves with the bridge to it, or with nothing. */
  readonly bridge: (message: Message, waiting: Waiting) => Promise<Upstream | undefined>;
  /** Whether an outcome over the bridge may mean that the server does not speak that era any more. */
  readonly isBridgeRefusal: (message: Message, outcome: Outcome) => boolean;
  /** Tries the client's own era again; resolves with the way without a bridge, or with nothing. */
  readonly unbridge: (message: Message, waiting: Waiting) => Promise<Upstream | undefined>;
  /** Called when a request has shown which way is the right one. */
  readonly onSettled: (isBridged: boolean) => void;
  /** Called when the other era was tried and failed with an error. */
  readonly onProbeFailed: (error: unknown) => void;
}

/** Milliseconds after a failed probe in which no other refusal starts one. */
const PROBE_PAUSE = 30_000;

/** Creates a lane. A refusal starts one probe, whatever number of messages are refused. */
export function createLane(options: LaneOptions): Lane {
  let way = options.native;
  let isBridged = false;
  let isSettled = false;
  let probe: Promise<boolean> | undefined;
  let probedAt = -Infinity;
  /** Aborted when the way changes, so that what listens does so on the new one. */
  let changed = new AbortController();
  const closing = new AbortController();

  async function send(message: Message, waiting: Waiting): Promise<Reply> {
    const used = way;
    const outcome = await outcomeOf(used.send(message, waiting));
    const isRefusal = isBridged ? options.isBridgeRefusal : options.isRefusal;
    if (!waiting.signal.aborted && isRefusal(message, outcome)) {
      if (way !== used || await unlessAborted(tryOtherEra(message), waiting.signal)) {
        return await way.send(message, waiting);
      }
    } else if (message.kind === "request" && "reply" in outcome && !outcome.reply.failure) settle();
    if ("error" in outcome) throw outcome.error;
    return outcome.reply;
  }

  function settle(): void {
    if (!isSettled) options.onSettled(isBridged);
    isSettled = true;
  }

  /**
   * @returns whether the way has changed
   * @throws {ProxyError} if the probe failed temporarily: the message may be sent again
   * @throws a fault in the program, which must not pass for the server's refusal
   */
  function tryOtherEra(message: Message): Promise<boolean> {
    if (probe) return probe;
    // Once an era is known to work, single messages that the server refuses cost no probe each.
    if (isSettled && Date.now() - probedAt < PROBE_PAUSE) return Promise.resolve(false);
    probedAt = Date.now();
    probe = findOtherWay(message).catch((error) => {
      rethrowFault(error);
      options.onProbeFailed(error);
      if (!isTemporary(error, message)) return undefined;
      probedAt = -Infinity;
      throw error;
    }).then((other) => {
      if (!other) return false;
      if (closing.signal.aborted) {
        other.close(AbortSignal.timeout(CLOSE_UNUSED_WITHIN));
        return false;
      }
      probedAt = -Infinity;
      const previous = way;
      way = other;
      isBridged = !isBridged;
      isSettled = false;
      settle();
      changed.abort();
      changed = new AbortController();
      if (previous !== options.native) previous.close(AbortSignal.timeout(CLOSE_UNUSED_WITHIN));
      return true;
    }).finally(() => probe = undefined);
    return probe;
  }

  /** Other messages may wait for it too, so that its end is not the end of `message`. */
  function findOtherWay(message: Message): Promise<Upstream | undefined> {
    return withTimeout(PROBE_WITHIN, async (late) => {
      const waiting = untilAborted(AbortSignal.any([late, closing.signal]));
      if (isBridged) return await options.unbridge(message, waiting);
      // A server of both eras may refuse single messages, and its session must not be left for that.
      if (isSettled && await answersCheck(options.check(message), waiting)) return undefined;
      return await options.bridge(message, waiting);
    });
  }

  function answersCheck(check: Message, { signal }: Waiting): Promise<boolean> {
    return withTimeoutAndAbort(CHECK_WITHIN, async (late) => {
      const waiting = untilAborted(AbortSignal.any([signal, late]));
      const outcome = await outcomeOf(way.send(check, waiting).then(read));
      if ("error" in outcome) rethrowFault(outcome.error);
      return !options.isRefusal(check, outcome);
    });
  }

  return {
    send,
    async *listen(signal) {
      while (!signal.aborted) {
        const used = way;
        yield* used.listen(AbortSignal.any([signal, changed.signal]));
        if (used === way) return;
      }
    },
    close(signal) {
      closing.abort();
      return way.close(signal);
    },
  };
}

function untilAborted(signal: AbortSignal): Waiting {
  return { signal, answered: () => false };
}

/** Reads a reply up to its response: a stream that nobody reads may hold up the answers to others. */
async function read(reply: Reply): Promise<Reply> {
  await firstResponse(reply.messages);
  return reply;
}

async function outcomeOf(reply: Promise<Reply>): Promise<Outcome> {
  try {
    return { reply: await reply };
  } catch (error) {
    return { error };
  }
}
