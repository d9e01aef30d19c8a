import { assertEquals } from "@std/assert";
import { ProxyError } from "../../../src/errors.ts";
import { parseMessage } from "../../../src/json/jsonrpc.ts";
import { ConnectionError } from "../../../src/runtime/types.ts";
import { sendWithRetry } from "../../../src/upstream/retry_policy.ts";
import { withFakeTime } from "../../parts/fake_time.ts";

const messageOf = (method: string) =>
  parseMessage(
    method === "(response)"
      ? '{"jsonrpc":"2.0","id":1,"result":{}}'
      : `{"jsonrpc":"2.0","id":1,"method":"${method}"}`,
  );

const unreachable = new ProxyError("unreachable", "refused", { mayHaveRun: false });
const unknownHost = new ProxyError(
  "unreachable",
  "unknown host",
  { mayHaveRun: false },
  new ConnectionError("unknown host", false, true),
);
const noToken = (status: number) =>
  new ProxyError("token", String(status), { status, mayHaveRun: false });
const interrupted = new ProxyError("interrupted", "cut", { mayHaveRun: true });
const status = (status: number, retryAfter?: number) =>
  new ProxyError("http_status", String(status), { status, retryAfter });

const unsent = (status: number) =>
  new ProxyError("http_status", String(status), { status, mayHaveRun: false });

/** What may be sent again, and how often it is sent in all. */
const CASES:
  readonly (readonly [what: string, failure: ProxyError, method: string, sent: number])[] = [
    ["a call that was never sent", unreachable, "tools/call", 5],
    ["a call to a host that does not exist", unknownHost, "tools/call", 1],
    ["a call whose token request met a 503", noToken(503), "tools/call", 1],
    ["a call whose token request met a 429", noToken(429), "tools/call", 1],
    ["a handshake whose token request met a 503", noToken(503), "initialize", 1],
    ["a call that may have run", interrupted, "tools/call", 1],
    ["a list that was interrupted", interrupted, "tools/list", 3],
    ["a read that was interrupted", interrupted, "resources/read", 3],
    ["a handshake that was interrupted", interrupted, "initialize", 3],
    ["the end of a handshake that was interrupted", interrupted, "notifications/initialized", 3],
    ["a cancellation that was interrupted", interrupted, "notifications/cancelled", 3],
    ["an answer to the server that was interrupted", interrupted, "(response)", 3],
    ["a look at a task that was interrupted", interrupted, "tasks/get", 3],
    ["an unknown notification that was interrupted", interrupted, "notifications/x", 1],
    ["an unknown request that was interrupted", interrupted, "acme/launch", 1],
    ["a call that met a 429", status(429), "tools/call", 4],
    ["a call that met a 429 with Retry-After", status(429, 1_000), "tools/call", 4],
    ["a call that met a 503 with Retry-After", status(503, 1_000), "tools/call", 4],
    ["a call that met a 503", status(503), "tools/call", 1],
    ["a list that met a 503", status(503), "tools/list", 3],
    ["a handshake that met a 502", status(502), "initialize", 3],
    ["a list that met a 500", status(500), "tools/list", 1],
    ["a call that a 502 kept from being sent", unsent(502), "tools/call", 3],
    ["a call that a 500 kept from being sent", unsent(500), "tools/call", 1],
    ["a call that met a 500", status(500), "tools/call", 1],
    ["a call that met a 404", status(404), "tools/call", 1],
    ["a call that has to wait too long", status(429, 3_600_000), "tools/call", 1],
  ];

for (const [what, failure, method, expected] of CASES) {
  Deno.test(`${what} is sent ${expected === 1 ? "once" : `${expected} times`}`, () =>
    withFakeTime(async (time) => {
      let sent = 0;
      const outcome = sendWithRetry(messageOf(method), new AbortController().signal, () => {
        sent++;
        return Promise.reject(failure);
      }).catch((error) => error);
      await time.pass(120_000);
      assertEquals([sent, await outcome], [expected, failure]);
    }));
}

Deno.test("an attempt that succeeds after failures is a success", () =>
  withFakeTime(async (time) => {
    const failures = [unreachable, status(429, 2_000)];
    const outcome = sendWithRetry(messageOf("tools/call"), new AbortController().signal, () => {
      const failure = failures.shift();
      return failure ? Promise.reject(failure) : Promise.resolve();
    });
    await time.pass(3_000);
    assertEquals(await outcome, undefined);
  }));

Deno.test("a message that is cancelled during a pause is not sent again", () =>
  withFakeTime(async (time) => {
    let sent = 0;
    const { signal, abort } = withAbort();
    const outcome = sendWithRetry(messageOf("tools/call"), signal, () => {
      sent++;
      return Promise.reject(unreachable);
    }).catch((error) => error);
    await time.pass(0);
    abort();
    await time.pass(60_000);
    assertEquals([sent, await outcome], [1, unreachable]);
  }));

function withAbort() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
