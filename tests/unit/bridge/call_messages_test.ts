import { assertEquals, assertRejects } from "@std/assert";
import { createCallMessages } from "../../../src/bridge/call_messages.ts";
import { readReceived } from "../../../src/bridge/received.ts";
import { MAX_CALL_WAITING } from "../../../src/limits.ts";

const log = (size: number) =>
  readReceived(
    JSON.stringify({
      jsonrpc: "2.0",
      method: "notifications/message",
      params: { data: "x".repeat(size) },
    }),
  );

const RESPONSE = '{"jsonrpc":"2.0","id":1,"result":{}}';

Deno.test("messages outside of a reply are refused when too much waits; one may be longer", async () => {
  const messages = createCallMessages();
  assertEquals(messages.add(log(2 * MAX_CALL_WAITING)), true);
  assertEquals(messages.add(log(10)), false);
  assertEquals((await messages.next()).done, false);
  const later = messages.next(); // The first message is read when the reader asks for the next one.
  await Promise.resolve();
  assertEquals(messages.add(log(10)), true);
  assertEquals((await later).done, false);
  messages.close();
});

Deno.test("messages that fit together all wait, and come in order", async () => {
  const messages = createCallMessages();
  const sizes = [10, 20, 30];
  for (const size of sizes) assertEquals(messages.add(log(size)), true);
  for (const size of sizes) {
    assertEquals((await messages.next()).value.text, log(size).text);
  }
  messages.close();
});

Deno.test("a call is complete with its response, and also if the reply fails", async () => {
  const answered = createCallMessages();
  await answered.receive(Promise.resolve({ kind: "single", messages: [RESPONSE] }));
  assertEquals(answered.isComplete, true);
  assertEquals((await answered.next()).value.text, RESPONSE);

  const failed = createCallMessages();
  await failed.receive(Promise.reject(new Error("broken")));
  assertEquals(failed.isComplete, true);
  await assertRejects(() => failed.next(), Error, "broken");
});
