import type { Queue } from "../async/queue.ts";
import { errorReply, INVALID_PARAMS, type Message, paramOf } from "../json/jsonrpc.ts";
import { stringOf, type Text } from "../json/text.ts";
import { METHOD } from "../mcp/methods.ts";
import { META } from "../mcp/request_metadata.ts";
import type { Reply } from "../upstream/upstream.ts";

import { asObject, isObject } from "../json/value.ts";
import type { LegacySession } from "./legacy_session.ts";
import { withNotificationMeta } from "./request_text.ts";
import { notificationOf, objectOf } from "./written.ts";
import { MAX_NOTIFICATIONS } from "../limits.ts";

/** The parts of a filter that ask for changes of lists. */
const LISTS = [
  { wanted: "toolsListChanged", offeredBy: "tools", method: METHOD.toolsChanged },
  { wanted: "promptsListChanged", offeredBy: "prompts", method: METHOD.promptsChanged },
  { wanted: "resourcesListChanged", offeredBy: "resources", method: METHOD.resourcesChanged },
] as const;

/**
 * Answers a modern client's `subscriptions/listen` with what a legacy server says by itself.
 *
 * @param uris how many subscriptions of the session need each resource
 * @param messages takes the answer
 * @param signal ends the subscription
 */
export async function subscribeClient({ session, uris, message, messages, signal }: {
  session: LegacySession;
  uris: Map<string, number>;
  message: Message;
  messages: Queue<Text>;
  signal: AbortSignal;
}): Promise<Reply> {
  const [id] = message.requests;
  const filter = paramOf(message, "notifications");
  if (!isObject(filter)) {
    const error = { code: INVALID_PARAMS, message: "Invalid params: `notifications` is required" };
    return { kind: "single", messages: [errorReply(id, error)] };
  }
  const capabilities = asObject(session.server.capabilities);
  const lists = LISTS.filter(({ wanted, offeredBy }) =>
    filter[wanted] === true && asObject(capabilities[offeredBy]).listChanged === true
  );
  const asked: unknown[] = Array.isArray(filter.resourceSubscriptions)
    ? filter.resourceSubscriptions
    : [];
  const offersUpdates = asObject(capabilities.resources).subscribe === true;
  const mine = new Set<string>();

  const methods = new Set<string>(lists.map(({ method }) => method));
  let acknowledged = false;
  let waiting = 0;
  const early: Message[] = [];

  function receive(received: Message): void {
    const { method } = received;
    const isUpdate = method === METHOD.resourceUpdated &&
      mine.has(String(paramOf(received, "uri")));
    if (!isUpdate && !methods.has(method ?? "")) return;
    if (acknowledged) deliver(received);
    else if (early.length < MAX_NOTIFICATIONS) early.push(received);
  }

  function deliver({ text }: Message): void {
    if (waiting >= MAX_NOTIFICATIONS) return;
    waiting++;
    messages.push(withNotificationMeta(stringOf(text), META.subscriptionId, id))
      .then(() => waiting--);
  }

  function end(): void {
    session.listeners.delete(receive);
    messages.drop();
    for (const uri of mine) {
      const others = (uris.get(uri) ?? 1) - 1;
      if (others > 0) uris.set(uri, others);
      else {
        uris.delete(uri);
        session.ask(METHOD.unsubscribe, JSON.stringify({ uri })).catch(() => {});
      }
    }
    mine.clear();
  }

  session.listeners.add(receive);
  signal.addEventListener("abort", end, { once: true });
  await session.listening; // A notification before that would be lost.
  try {
    for (const uri of offersUpdates ? asked : []) {
      if (signal.aborted) break;
      if (typeof uri !== "string" || mine.has(uri)) continue;
      mine.add(uri);
      const needed = uris.get(uri) ?? 0;
      uris.set(uri, needed + 1);
      const refused = needed === 0 && await session.ask(METHOD.subscribe, JSON.stringify({ uri }));
      if (!refused) continue;
      mine.delete(uri); // The acknowledgement leaves it out.
      uris.delete(uri);
    }
  } catch (error) {
    signal.removeEventListener("abort", end);
    end();
    throw error;
  }
  if (signal.aborted) end(); // What was subscribed in the meantime.
  const subset = {
    ...Object.fromEntries(lists.map(({ wanted }) => [wanted, true])),
    ...(mine.size > 0 ? { resourceSubscriptions: [...mine] } : {}),
  };
  const params = objectOf({
    notifications: JSON.stringify(subset),
    _meta: objectOf({ [META.subscriptionId]: id }),
  });
  void messages.push(notificationOf(METHOD.acknowledged, params).text);
  acknowledged = true;
  for (const received of early.splice(0)) deliver(received);
  return { kind: "stream", messages };
}
