import { backoff, pause, withTimeout } from "../async/timing.ts";
import { logFault } from "../log/fault.ts";
import { untilSuccess } from "../async/until_success.ts";
import { messageOf } from "../errors.ts";
import { errorObjectOf, INVALID_PARAMS, tryParse } from "../json/jsonrpc.ts";
import type { Id } from "../json/jsonrpc.ts";
import { stringOf } from "../json/text.ts";
import type { Log } from "../log/log.ts";
import { METHOD } from "../mcp/methods.ts";
import type { Reply, Waiting } from "../upstream/upstream.ts";
import { asObject } from "../json/value.ts";
import { ANSWER_WITHIN, RECONNECT_PAUSE } from "../limits.ts";

/** An error for the client. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
}

/** The one `subscriptions/listen` of a legacy client at a modern server. */
export interface ServerSubscription {
  /** Subscribes to the lists that the server announces changes of. @param signal ends it */
  start(signal: AbortSignal): void;
  /** Adds a resource; resolves when the server has acknowledged it, or with its error. */
  subscribe(uri: string): Promise<Refusal | undefined>;
  /** Removes a resource. */
  unsubscribe(uri: string): Promise<void>;
  /** Ends the subscription. */
  stop(): void;
}

/**
 * @param options `open` sends a listen request, `offered` gives the server's capabilities, and
 * `deliver` takes the server's notifications
 */
export function createServerSubscription({ open, offered, deliver, log }: {
  open: (params: string, id: Id, waiting: Waiting) => Promise<Reply>;
  offered: () => Record<string, unknown>;
  deliver: (text: string) => Promise<void>;
  log: Log;
}): ServerSubscription {
  const uris = new Set<string>();
  const ending = new AbortController();
  let current: AbortController | undefined;
  let changes: Promise<unknown> = Promise.resolve();
  let started = false;
  let latest = 0;

  function filter(): Record<string, unknown> {
    const { tools, prompts, resources } = offered();
    const lists = started
      ? {
        toolsListChanged: asObject(tools).listChanged,
        promptsListChanged: asObject(prompts).listChanged,
        resourcesListChanged: asObject(resources).listChanged,
      }
      : {};
    const wanted = Object.entries(lists).filter(([, isOffered]) => isOffered === true);
    return {
      ...Object.fromEntries(wanted),
      ...(uris.size > 0 ? { resourceSubscriptions: [...uris] } : {}),
    };
  }

  /** One after the other, so that each knows which subscription it replaces. */
  function change<T>(apply: () => Promise<T>): Promise<T> {
    const done = changes.then(apply);
    changes = done.catch(() => {});
    return done;
  }

  /** Opens a subscription in place of the current one, which goes on until the new one is there. */
  async function replace(): Promise<Refusal | undefined> {
    const notifications = filter();
    const previous = current;
    if (ending.signal.aborted) return undefined;
    if (Object.keys(notifications).length === 0) {
      current = undefined;
      previous?.abort();
      return undefined;
    }
    const controller = new AbortController();
    try {
      const messages = await acknowledged(notifications, controller);
      if ("code" in messages) {
        controller.abort();
        return messages;
      }
      current = controller;
      previous?.abort();
      read(messages, controller);
      return undefined;
    } catch (error) {
      controller.abort();
      throw error;
    }
  }

  /**
   * Opens a subscription, and waits for its acknowledgement, which is not passed on: the client did
   * not ask for it.
   *
   * @param controller ends the subscription
   * @returns the messages after the acknowledgement, or the server's error
   */
  function acknowledged(
    notifications: Record<string, unknown>,
    controller: AbortController,
  ): Promise<AsyncGenerator<string> | Refusal> {
    const signal = AbortSignal.any([controller.signal, ending.signal]);
    const id = JSON.stringify(`mcp-oauth-proxy-listen-${++latest}`);
    const params = JSON.stringify({ notifications });
    return withTimeout(ANSWER_WITHIN, async (late) => {
      late.addEventListener("abort", () => controller.abort(late.reason), { once: true });
      const messages = texts(await open(params, id, { signal, answered: () => false }));
      for (let next = await messages.next(); !next.done; next = await messages.next()) {
        if (methodOf(next.value) === METHOD.acknowledged) return messages;
        const message = tryParse(next.value);
        const error = message && errorObjectOf(message);
        if (error) return error;
      }
      return { code: INVALID_PARAMS, message: "The server ended the subscription" };
    });
  }

  async function read(messages: AsyncGenerator<string>, mine: AbortController): Promise<void> {
    try {
      for await (const text of messages) {
        if (mine.signal.aborted) return;
        if (methodOf(text) !== undefined) await deliver(text);
      }
    } catch (error) {
      logFault(log, error);
      if (!mine.signal.aborted) {
        log.debug("OAuth Proxy", `The subscription broke: ${messageOf(error)}`);
      }
    }
    if (current === mine) await reopen(mine);
  }

  async function reopen(lost: AbortController): Promise<void> {
    await pause(backoff(1, RECONNECT_PAUSE.first), ending.signal);
    const attempt = async () => {
      const refusal = await change(async () => current === lost ? await replace() : undefined);
      if (refusal) throw new Error(refusal.message);
    };
    await untilSuccess(attempt, noteFailure, RECONNECT_PAUSE, ending.signal);
  }

  function noteFailure(error: unknown): void {
    logFault(log, error);
    log.debug("OAuth Proxy", `No subscription: ${messageOf(error)}`);
  }

  function stop(): void {
    ending.abort();
    current = undefined;
  }

  return {
    start(signal) {
      if (started) return;
      started = true;
      signal.addEventListener("abort", stop, { once: true });
      const first = new AbortController();
      current ??= first;
      change(replace).catch((error) => {
        noteFailure(error);
        return reopen(first);
      });
    },
    subscribe: (uri) =>
      change(async () => {
        if (uris.has(uri)) return undefined;
        uris.add(uri);
        const refusal = await replace().catch((error) => {
          uris.delete(uri);
          throw error;
        });
        if (refusal) uris.delete(uri);
        return refusal;
      }),
    unsubscribe: (uri) =>
      change(async () => {
        if (uris.delete(uri)) await replace();
      }),
    stop,
  };
}

async function* texts({ messages }: Reply): AsyncGenerator<string> {
  for await (const text of messages) yield stringOf(text);
}

function methodOf(text: string): string | undefined {
  return tryParse(text)?.method;
}
