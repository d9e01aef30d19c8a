import { restartableTimer, withTimeoutAndAbort } from "../async/timing.ts";
import { messageOf } from "../errors.ts";
import { parseMessage } from "../json/jsonrpc.ts";
import { logFault } from "../log/fault.ts";
import type { Log } from "../log/log.ts";
import { METHOD } from "../mcp/methods.ts";
import type { Upstream } from "./upstream.ts";
import { ANSWER_WITHIN } from "../limits.ts";

/**
 * Sends a `ping` when nothing was sent in a session for some time, so that the server and load
 * balancers keep the session. The client does not see the answer.
 *
 * @param upstream a server of the legacy era
 * @param milliseconds between two messages
 */
export function withKeepAlive(upstream: Upstream, milliseconds: number, log: Log): Upstream {
  const timer = restartableTimer(milliseconds, ping);
  let isInSession = false;
  let pings = 0;

  async function ping(): Promise<void> {
    const request = `{"jsonrpc":"2.0","id":"mcp-oauth-proxy-ping-${++pings}","method":"ping"}`;
    try {
      await withTimeoutAndAbort(ANSWER_WITHIN, async (signal) => {
        const message = parseMessage(request);
        const { messages } = await upstream.send(message, { signal, answered: () => false });
        for await (const _ of messages) return;
      });
      log.debug("OAuth Proxy", "The server answered a ping that keeps the session alive");
    } catch (error) {
      logFault(log, error);
      log.debug("OAuth Proxy", `The server did not answer a ping: ${messageOf(error)}`);
    }
    if (isInSession) timer.restart();
  }

  return {
    async send(message, waiting) {
      if (isInSession) timer.restart();
      const reply = await upstream.send(message, waiting);
      if (message.method === METHOD.initialized) {
        isInSession = true;
        timer.restart();
      }
      return reply;
    },
    listen: (signal, onOpen) => upstream.listen(signal, onOpen),
    close(signal) {
      isInSession = false;
      timer.stop();
      return upstream.close(signal);
    },
  };
}
