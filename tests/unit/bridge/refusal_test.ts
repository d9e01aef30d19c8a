import { assertEquals } from "@std/assert";
import { type Outcome, refusesLegacy, refusesModern } from "../../../src/bridge/refusal.ts";
import { type ErrorDetails, ProxyError, type Reason } from "../../../src/errors.ts";
import { LONG } from "../../../src/json/text.ts";
import { messageOf } from "../../parts/fake_upstream.ts";

const request = (method: string) => messageOf({ jsonrpc: "2.0", id: 1, method, params: {} });

/** A reply with an error, in a response of this status. */
function failed(code: number, status?: number, data?: unknown): Outcome {
  const text = JSON.stringify({ jsonrpc: "2.0", id: 1, error: { code, message: "no", data } });
  const failure = status === undefined ? undefined : {
    status,
    body: text,
    failure: new ProxyError("http_status", "failed", { status }),
  };
  return { reply: { kind: "single", messages: [text], failure } };
}

function succeeded(result: unknown): Outcome {
  const text = JSON.stringify({ jsonrpc: "2.0", id: 1, result });
  return { reply: { kind: "single", messages: [text] } };
}

const thrown = (reason: Reason, details: ErrorDetails): Outcome => ({
  error: new ProxyError(reason, "failed", details),
});

const status = (status: number) => thrown("http_status", { status });

const LEGACY_LIST = { supported: ["2025-11-25", "2025-06-18"] };
const MODERN_LIST = { supported: ["2025-11-25", "2026-07-28"] };

/** Method, what it came to, and whether the server may speak the other era. */
type Row = readonly [what: string, method: string, outcome: Outcome, isRefusal: boolean];

const LEGACY: readonly Row[] = [
  ["initialize, a JSON-RPC error", "initialize", failed(-32601), true],
  ["initialize, status 400", "initialize", status(400), true],
  ["initialize, status 500", "initialize", status(500), false],
  ["initialize, a result", "initialize", succeeded({}), false],
  ["initialize, no connection", "initialize", thrown("unreachable", {}), false],
  ["a call, status 400 in plain text", "tools/call", status(400), true],
  ["a call, status 500", "tools/call", status(500), false],
  ["a call, status 404 with an error of the server", "tools/call", failed(-32601, 404), false],
  ["a call, an error of 2026-07-28", "tools/call", failed(-32022, 400), true],
  ["a call, an error of 2026-07-28 in a 200", "tools/call", failed(-32021), true],
  ["a call, another error", "tools/call", failed(-32602), false],
  [
    "a call whose new session was refused",
    "tools/call",
    thrown("bad_response", { mayHaveRun: false }),
    true,
  ],
  [
    "a call whose answer was not valid",
    "tools/call",
    thrown("bad_response", { mayHaveRun: true }),
    false,
  ],
  [
    "a call without a token",
    "tools/call",
    thrown("unauthorized", { status: 401, mayHaveRun: false }),
    false,
  ],
  ["a call, a fault of the proxy", "tools/call", { error: new Error("fault") }, false],
];

const MODERN: readonly Row[] = [
  ["discover, method not found", "server/discover", failed(-32601), true],
  [
    "discover, only versions with sessions",
    "server/discover",
    succeeded({ supportedVersions: LEGACY_LIST.supported }),
    true,
  ],
  [
    "discover, 2026-07-28 among the versions",
    "server/discover",
    succeeded({ supportedVersions: MODERN_LIST.supported }),
    false,
  ],
  ["discover, no versions", "server/discover", succeeded({ supportedVersions: [] }), false],
  ["discover, another error", "server/discover", failed(-32603), false],
  ["a call, method not found", "tools/call", failed(-32601), false],
  ["a call, method not found with 404", "tools/call", failed(-32601, 404), false],
  ["a call, unsupported version", "tools/call", failed(-32022, 400, LEGACY_LIST), true],
  [
    "a call, unsupported version of a modern server",
    "tools/call",
    failed(-32022, 400, MODERN_LIST),
    false,
  ],
  ["a call, status 400 in plain text", "tools/call", status(400), true],
  ["a call, status 400 with the SDK's error", "tools/call", failed(-32000, 400), true],
  ["a call, status 400, invalid request", "tools/call", failed(-32600, 400), true],
  ["a call, status 400, invalid params", "tools/call", failed(-32602, 400), false],
  ["a call, the SDK's error in a 200", "tools/call", failed(-32000), false],
  ["a call, status 500", "tools/call", status(500), false],
  ["a call, a result", "tools/call", succeeded({}), false],
];

for (
  const [era, rows, refuses] of [
    ["legacy", LEGACY, refusesLegacy],
    ["modern", MODERN, refusesModern],
  ] as const
) {
  for (const [what, method, outcome, isRefusal] of rows) {
    Deno.test(`a ${era} client: ${what}: the server ${isRefusal ? "may speak" : "does not speak"} the other era`, () =>
      assertEquals(refuses(request(method), outcome), isRefusal));
  }
}

Deno.test("a stream, several messages and a long message are not refusals", () => {
  const error = JSON.stringify({ jsonrpc: "2.0", id: 1, error: { code: -32022, message: "no" } });
  const long = error.padEnd(LONG, " ");
  const stream = { kind: "stream", messages: (async function* () {})() } as const;
  for (
    const reply of [
      stream,
      { kind: "single", messages: [error, error] },
      { kind: "single", messages: [long] },
      { kind: "none", messages: [] },
    ] as const
  ) {
    assertEquals(refusesLegacy(request("tools/call"), { reply }), false);
    assertEquals(refusesModern(request("server/discover"), { reply }), false);
  }
});
