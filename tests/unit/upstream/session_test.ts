import { assert, assertEquals, assertRejects } from "@std/assert";
import { ProxyError } from "../../../src/errors.ts";
import { parseMessage } from "../../../src/json/jsonrpc.ts";
import { readFailure } from "../../../src/upstream/http_failure.ts";
import {
  agreed,
  captureVersion,
  type Handshake,
  isSessionLost,
  remember,
  type Session,
  sessionHeaders,
} from "../../../src/upstream/session.ts";

const message = (value: unknown) =>
  parseMessage(JSON.stringify({ jsonrpc: "2.0", ...(value as object) }));

Deno.test("the version header is sent for revisions that define it, once one is negotiated", () => {
  const headers = (version?: string) => sessionHeaders({ id: null, version });
  assertEquals(headers(), {});
  assertEquals(headers("2025-03-26"), {});
  assertEquals(headers("2025-06-18"), { "mcp-protocol-version": "2025-06-18" });
  assertEquals(sessionHeaders({ id: "a" }), { "mcp-session-id": "a" });
  assertEquals(sessionHeaders({ id: "" }), { "mcp-session-id": "" });
});

const lost = async (status: number, body: string, id: string | null = "a") =>
  isSessionLost({ id }, await readFailure(new Response(body, { status }), "https://example.com"));

const error = (code: number, message: string) =>
  JSON.stringify({ jsonrpc: "2.0", id: null, error: { code, message } });

/** What servers are known to answer where they no longer know a session. */
const WORDINGS: readonly [status: number, body: string][] = [
  [404, ""],
  [404, "Session not found"],
  [404, error(-32001, "Session not found")],
  [404, error(-32600, "Session has been terminated")],
  [404, "<html>Not Found</html>"],
  [400, error(-32000, "Bad Request: No valid session ID provided")],
  [400, error(-32000, "Bad Request: Server not initialized")],
  [400, "Invalid session ID"],
  [400, "invalid or expired session"],
  [400, "Unknown session: 1f7e"],
  [400, "Missing session ID"],
  [400, "No such session"],
  [400, "No transport found for sessionId"],
  [400, "Session 1f7e-88 does not exist"],
  [400, "session expired"],
  [400, '{"error":"session_not_found"}'],
  [400, error(-32000, "Bad Request: No valid session ID or not an initialize request")],
  [401, "Unauthorized: Session not found"],
  [401, "No transport found for sessionId"],
  [410, "Session expired"],
  [500, "Session not found"],
  [503, '{"error":"unknown session"}'],
];

for (const [status, body] of WORDINGS) {
  Deno.test(`${status} ${body || "without a body"} says that the session is lost`, async () => {
    assert(await lost(status, body));
    assert(!await lost(status, body, null), "without a session there is none to lose");
  });
}

Deno.test("other failures do not mean that the session is lost", async () => {
  const others: readonly [number, string][] = [
    [400, ""],
    [400, error(-32602, "Invalid params: the name is missing")],
    [400, error(-32022, "Unsupported protocol version")],
    [400, error(-32700, "Parse error")],
    [404, error(-32601, "Method not found")],
    [401, ""],
    [401, '{"error":"invalid_token"}'],
    [403, "Session not found"],
    [409, "Conflict: Only one SSE stream is allowed per session"],
    [500, "Internal error"],
    [503, "No server available"],
  ];
  for (const [status, body] of others) assert(!await lost(status, body), `${status} ${body}`);
});

Deno.test("what a new session needs is remembered: handshake, log level, subscriptions in force", () => {
  const handshake: Handshake = { inForce: new Map() };
  const initialize = message({ id: 1, method: "initialize" });
  const initialized = message({ method: "notifications/initialized" });
  const about = (method: string, uri: string) => message({ id: 2, method, params: { uri } });
  const level = (level: string) =>
    message({ id: 4, method: "logging/setLevel", params: { level } });
  const debug = level("debug");
  const again = about("resources/subscribe", "note://a");
  for (
    const each of [
      initialize,
      initialized,
      level("info"),
      debug,
      about("resources/subscribe", "note://a"),
      about("resources/subscribe", "note://b"),
      again,
      about("resources/unsubscribe", "note://b"),
      about("resources/read", "note://c"),
      about("__proto__", "note://c"),
    ]
  ) remember(handshake, each);
  assertEquals([...handshake.inForce.values()], [debug, again]);
  assertEquals([handshake.initialize, handshake.initialized], [initialize, initialized]);
  const second = message({ id: 3, method: "initialize" });
  remember(handshake, second);
  assertEquals(handshake, { initialize: second, initialized: undefined, inForce: new Map() });
});

Deno.test("the agreed version is read from the answer, which is passed on unchanged", async () => {
  const session: Session = { id: null };
  const onVersion = (version: string) => session.version = version;
  const texts = [
    '{"jsonrpc":"2.0","method":"notifications/message","params":{}}',
    '{"jsonrpc":"2.0","id":1,"result":{ "protocolVersion":"2025-06-18" }}',
    "rubbish",
  ];
  const stream = { kind: "stream", messages: ReadableStream.from(texts) } as const;
  assertEquals(await Array.fromAsync(captureVersion(stream, onVersion).messages), texts);
  assertEquals(session.version, "2025-06-18");
  const single = { kind: "single", messages: [texts[1].replace("06-18", "11-25")] } as const;
  assertEquals(captureVersion(single, onVersion), single);
  assertEquals(session.version, "2025-11-25");
});

Deno.test("a handshake that the server refuses or does not answer agrees on no version", async () => {
  const notification = '{"jsonrpc":"2.0","method":"notifications/message"}';
  await agreed([notification, '{"jsonrpc":"2.0","id":1,"result":{}}', notification]);
  await assertRejects(() => agreed([notification]), ProxyError, "did not answer initialize");
  await assertRejects(
    () => agreed(['{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"too many"}}']),
    ProxyError,
    "too many",
  );
});
