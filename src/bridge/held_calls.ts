import { ProxyError } from "../errors.ts";
import type { Message } from "../json/jsonrpc.ts";
import type { Log } from "../log/log.ts";
import type { LegacyCall } from "./legacy_call.ts";
import { createRequestStates } from "./request_state.ts";

/** Calls that wait for the client's next request, by their `requestState`. */
export interface HeldCalls {
  /**
   * Keeps a call. If its client does not come back in time, it is cancelled at the server.
   *
   * @param request the client's request, which the next one has to match
   * @returns the `requestState`
   * @throws {ProxyError} if too many calls wait
   */
  hold(call: LegacyCall, request: Message): Promise<string>;
  /** Gives a call back to the client's next request, once; `undefined` if it is not for this one. */
  take(request: Message, state: string): Promise<LegacyCall | undefined>;
  /** Forgets a call that is over. */
  remove(call: LegacyCall): void;
}

/** Creates an empty list. */
export function createHeldCalls(
  { max, heldFor, log }: { max: number; heldFor: number; log: Log },
): HeldCalls {
  const states = createRequestStates();
  const held = new Map<string, { call: LegacyCall; timer: ReturnType<typeof setTimeout> }>();

  function release(handle: string): LegacyCall | undefined {
    const found = held.get(handle);
    if (!found) return undefined;
    clearTimeout(found.timer);
    held.delete(handle);
    return found.call;
  }

  return {
    async hold(call, request) {
      if (held.size >= max) {
        throw new ProxyError(
          "bad_response",
          `${held.size} requests already wait for input; raise MCP_MAX_IN_FLIGHT to allow more`,
          { mayHaveRun: true },
        );
      }
      const handle = crypto.randomUUID();
      const timer = setTimeout(() => {
        release(handle);
        log.warn("OAuth Proxy", `${request.method} cancelled: its input did not arrive in time`, {
          id: request.requests.join(),
        });
        void call.cancel();
      }, heldFor);
      held.set(handle, { call, timer });
      return await states.seal(request, handle);
    },
    async take(request, state) {
      const handle = await states.open(request, state);
      return handle === undefined ? undefined : release(handle);
    },
    remove(call) {
      for (const [handle, other] of held) if (other.call === call) release(handle);
    },
  };
}
