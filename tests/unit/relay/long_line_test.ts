import { assertEquals } from "@std/assert";
import { longLineReply } from "../../../src/relay/long_line.ts";

/** The reply to a line that begins and ends like this, with a long text in between. */
function replyTo(head: string, tail: string) {
  const filler = "x".repeat(2_000);
  const line = { head: (head + filler).slice(0, 1_024), tail: (filler + tail).slice(-1_024) };
  const reply = longLineReply(line, 5_000);
  return reply === undefined ? undefined : JSON.parse(reply);
}

Deno.test("a request that is too long gets an error with its id, wherever the id is", () => {
  const before = replyTo('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"text":"', '"}}');
  assertEquals([before.id, before.error.data.reason], [7, "too_large"]);
  const behind = replyTo(
    '{"jsonrpc":"2.0","method":"tools/call","params":{"text":"',
    '"},"id":"eight"}',
  );
  assertEquals([behind.id, behind.error.data.reason], ["eight", "too_large"]);
});

Deno.test("the error for a message that is too long says that it was not sent, and the setting", () => {
  const { error } = replyTo('{"jsonrpc":"2.0","id":7,"method":"x","params":{"text":"', '"}}');
  assertEquals(
    error.message,
    "Proxy error: the message has more than 5000 bytes; see MCP_MAX_MESSAGE_BYTES",
  );
  assertEquals(error.data.mayHaveRun, false);
});

Deno.test("an invalid request that is too long gets an error with its id", () => {
  assertEquals(replyTo('{"id":7,"method":5,"params":{"text":"', '"}}').id, 7);
});

Deno.test("what may be a request that is too long gets an error without an id", () => {
  assertEquals(
    replyTo('[{"jsonrpc":"2.0","method" :"tools/call","params":{"text":"', '"}}]').id,
    null,
  );
});

Deno.test("a notification or an answer that is too long gets no answer", () => {
  assertEquals(
    replyTo('{"jsonrpc":"2.0","method":"notifications/x","params":{"text":"', '"}}'),
    undefined,
  );
  assertEquals(replyTo('{"jsonrpc":"2.0","id":7,"result":{"text":"', '"}}'), undefined);
  assertEquals(replyTo('[{"jsonrpc":"2.0","id":7,"result":{"text":"', '"}}]'), undefined);
});
