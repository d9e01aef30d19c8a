import { assertEquals } from "@std/assert";
import { isResponse, upToResponse } from "../../../src/bridge/first_reply.ts";

const ERROR = '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}}';
const RESULT = '{"jsonrpc":"2.0","id":1,"result":{}}';
const NOTIFICATION = '{"jsonrpc":"2.0","method":"notifications/message"}';

/** A stream of these messages, and whether it was read to its end or given up. */
function streamOf(...texts: string[]) {
  const stream = { isClosed: false };
  async function* messages() {
    try {
      for (const text of texts) yield await Promise.resolve(text);
    } finally {
      stream.isClosed = true;
    }
  }
  return { stream, reply: { kind: "stream", messages: messages() } as const };
}

Deno.test("a stream that begins with an error is a single answer, and is closed", async () => {
  const { stream, reply } = streamOf(ERROR, NOTIFICATION);
  assertEquals(await upToResponse(reply), { kind: "single", messages: [ERROR] });
  assertEquals(stream.isClosed, true);
});

for (const first of [NOTIFICATION, RESULT, "not JSON"]) {
  Deno.test(`a stream that begins with ${first} stays one, and loses nothing`, async () => {
    const { reply } = streamOf(first, ERROR);
    const { kind, messages } = await upToResponse(reply);
    assertEquals([kind, await Array.fromAsync(messages)], ["stream", [first, ERROR]]);
  });
}

Deno.test("a result ends the stream too if any response is sought", async () => {
  const { reply } = streamOf(RESULT, NOTIFICATION);
  assertEquals(await upToResponse(reply, isResponse), { kind: "single", messages: [RESULT] });
});

Deno.test("an empty stream stays an empty stream", async () => {
  const { kind, messages } = await upToResponse(streamOf().reply);
  assertEquals([kind, await Array.fromAsync(messages)], ["stream", []]);
});
