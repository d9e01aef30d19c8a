import type { Incoming } from "./corpus.ts";

/** Counts the answers of the proxy against the lines that it got. */
export interface Ledger {
  /** A line goes to the proxy. */
  sent(line: string): void;
  /** A message came out of the proxy. @returns what is wrong with it */
  received(message: Incoming & { error?: { data?: { reason?: unknown } } }): string | undefined;
  /** Requests without an answer, by their ids. Subscriptions have one when the proxy ends. */
  open(hasEnded?: boolean): string[];
}

/** What is known of an id. */
interface Account {
  /** Lines that are requests with it, and must be answered. */
  requests: number;
  /** Those of them that stay until the end. */
  subscriptions: number;
  /** Lines that may be answered: invalid ones, or requests that may have been cancelled. */
  optional: number;
  answers: number;
}

/** Creates an empty ledger. */
export function createLedger(): Ledger {
  const accounts = new Map<string, Account>();
  /** Lines that may be answered with `null`, or with an id that only the proxy could read. */
  let unreadable = 0;

  function accountOf(id: unknown): Account {
    const key = JSON.stringify(id);
    const account = accounts.get(key) ?? { requests: 0, subscriptions: 0, optional: 0, answers: 0 };
    accounts.set(key, account);
    return account;
  }

  function sent(line: string): void {
    const value = parse(line.trim());
    const messages = Array.isArray(value) ? value : [value];
    if (messages.length === 0 || !messages.every(isMessage)) {
      unreadable += Math.max(1, messages.length);
      return;
    }
    for (const { id, method, params } of messages) {
      if (method === undefined) continue;
      if (id !== undefined) {
        accountOf(id).requests++;
        if (method === "subscriptions/listen") accountOf(id).subscriptions++;
      } else if (method === "notifications/cancelled") {
        accountOf(params?.requestId).optional = Infinity;
      }
    }
  }

  function received({ id, method, error }: Parameters<Ledger["received"]>[0]): string | undefined {
    if (method !== undefined) return undefined;
    const account = accountOf(id);
    // An invalid line may have the id of a request, which has an answer of its own.
    const isForRequest = account.answers < account.requests;
    if (isForRequest) account.answers++;
    const isExpected = isForRequest || --unreadable >= 0;
    if (error?.data?.reason === "internal") return "an internal error";
    return isExpected ? undefined : `one answer too many to ${JSON.stringify(id)}`;
  }

  return {
    sent,
    received,
    open: (hasEnded = false) =>
      [...accounts].filter(([, { requests, subscriptions, optional, answers }]) =>
        answers + optional + (hasEnded ? 0 : subscriptions) < requests
      ).map(([id]) => id),
  };
}

/** Whether a value is a JSON-RPC message that the proxy must take for one. */
// deno-lint-ignore no-explicit-any -- whatever has been sent
function isMessage(value: any): boolean {
  if (value?.jsonrpc !== "2.0") return false;
  const hasId = ["string", "number"].includes(typeof value.id);
  if (value.method === undefined) return hasId && ("result" in value || "error" in value);
  return typeof value.method === "string" && (!("id" in value) || hasId);
}

function parse(line: string) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
