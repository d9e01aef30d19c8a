import { assertEquals, assertStringIncludes } from "@std/assert";
import { createJournal } from "../../../src/log/journal.ts";
import { parseMessage } from "../../../src/json/jsonrpc.ts";
import { createLog } from "../../../src/log/log.ts";
import { createRedaction } from "../../../src/log/redaction.ts";
import type { HttpRequest } from "../../../src/runtime/types.ts";

const CALL = '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"private"}}';

/** A journal with its log as JSON, and a clock that the test sets. */
function desk() {
  // deno-lint-ignore no-explicit-any -- tests assert on what they expect to be there
  const lines: any[] = [];
  const log = createLog(
    { level: "debug", format: "json", redaction: createRedaction() },
    (line) => lines.push(JSON.parse(line)),
  );
  const clock = { ms: 0 };
  const statuses = [200];
  const journal = createJournal(log, () => clock.ms);
  const http = journal.watch(() => {
    clock.ms += 10;
    return Promise.resolve(new Response(null, { status: statuses.shift() ?? 200 }));
  });
  return { lines, journal, clock, statuses, http };
}

function post(id = "7"): HttpRequest {
  const url = "https://mcp.example.com/mcp?key=private";
  const headers = { "content-type": "application/json", authorization: "Bearer private" };
  return { method: "POST", url, headers, id };
}

Deno.test("a request can be followed from the client to HTTP and back, and never its contents", async () => {
  const { lines, journal, statuses, http } = desk();
  statuses.unshift(401);
  const entry = journal.begin(parseMessage(CALL));
  await http(post());
  await http(post());
  entry.received = 42;
  entry.end(false);

  const about = { method: "tools/call", id: "7", sent: CALL.length };
  const told = lines.map(({ time: _, level: __, scope: ___, ...line }) => line);
  assertEquals(told, [
    { message: "Request", ...about },
    { message: "POST https://mcp.example.com/mcp", id: "7", status: 401, ms: 10 },
    { message: "POST https://mcp.example.com/mcp", id: "7", status: 200, ms: 10 },
    { message: "Answered", ...about, received: 42, status: 200, ms: 20, retries: 1, failed: false },
  ]);
  assertEquals(JSON.stringify(lines).includes("private"), false);
});

Deno.test("the end sums up requests, those that failed, retries, tokens and time", async () => {
  const { lines, journal, clock, http } = desk();
  for (const failed of [true, false, false]) {
    const entry = journal.begin(parseMessage(CALL));
    await http(post());
    if (failed) await http(post());
    entry.end(failed);
  }
  journal.countToken();
  clock.ms = 185_000;
  journal.sum();
  const { message, requests, failed, retries, tokens, seconds, level } = lines.at(-1);
  assertEquals({ message, requests, failed, retries, tokens, seconds, level }, {
    message: "Ended",
    requests: 3,
    failed: 1,
    retries: 1,
    tokens: 1,
    seconds: 185,
    level: "info",
  });
});

Deno.test("discovery does not count as a retry", async () => {
  const { lines, journal, statuses, http } = desk();
  statuses.unshift(401);
  const entry = journal.begin(parseMessage(CALL));
  await http({ ...post(), headers: {} });
  await http(post());
  entry.end(false);
  assertEquals(lines.at(-1).retries, 0);
});

Deno.test("a method that would break the line is not repeated", () => {
  const { lines, journal } = desk();
  journal.begin(parseMessage('{"jsonrpc":"2.0","id":1,"method":"a\\nb"}'));
  assertEquals(lines[0].method, "other");
});

Deno.test("a repeated warning is logged less and less often, with its count", () => {
  const lines: string[] = [];
  const log = createLog(
    { level: "warn", format: "text", redaction: createRedaction() },
    (line) => lines.push(line),
  );
  for (let times = 1; times <= 100; times++) log.warn("OAuth", `trying again in ${times}s`);
  log.warn("OAuth", "something else");
  assertEquals(lines.length, 6);
  assertStringIncludes(lines[3], "times=10\n");
  assertStringIncludes(lines[4], "times=100\n");
  assertEquals(lines[5], "[OAuth] something else\n");
});
