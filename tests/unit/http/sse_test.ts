import { assertEquals, assertRejects } from "@std/assert";
import { BodyTooLarge } from "../../../src/http/http.ts";
import { serverSentEvents, type StreamPosition } from "../../../src/http/sse.ts";

async function eventsOf(
  chunks: Iterable<Uint8Array>,
  position?: StreamPosition,
  limit?: number,
): Promise<string[]> {
  const events: string[] = [];
  const body = ReadableStream.from(chunks);
  for await (const { data } of serverSentEvents(body, position, limit)) events.push(data);
  return events;
}

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("events are the same however the bytes are cut", async () => {
  const text =
    '\ufeff: hello\r\n\r\ndata: {"a":\r\ndata: "Grüße 世界 🎉\u2028\ufeff"}\r\n\r\ndata:b\n\n';
  const whole = await eventsOf([bytes(text)]);
  assertEquals(whole, ['{"a":\n"Grüße 世界 🎉\u2028\ufeff"}', "b"]);
  for (let size = 1; size < 8; size++) {
    const chunks = [];
    for (let at = 0; at < bytes(text).length; at += size) {
      chunks.push(bytes(text).subarray(at, at + size));
    }
    assertEquals(await eventsOf(chunks), whole, `in chunks of ${size}`);
  }
});

Deno.test("an event is emitted before the next chunk arrives", async () => {
  const input = new TransformStream<Uint8Array, Uint8Array>();
  const writer = input.writable.getWriter();
  const events = serverSentEvents(input.readable);
  writer.write(bytes("data: 1\n\ndata: 2\n\nda"));
  assertEquals((await events.next()).value?.data, "1");
  assertEquals((await events.next()).value?.data, "2");
  writer.write(bytes("ta: 3\n\n"));
  assertEquals((await events.next()).value?.data, "3");
  await writer.close();
  assertEquals((await events.next()).done, true);
});

Deno.test("a line can end with CR alone, even at the end of a chunk or of the stream", async () => {
  const text = ": hello\r\rdata: 1\rdata: ü\r\rid: a\rdata: 2\r\r\ndata: 3\r\n\rdata: 4\n\r";
  const whole = ["1\nü", "2", "3", "4"];
  assertEquals(await eventsOf([bytes(text)]), whole);
  for (let size = 1; size < 8; size++) {
    const chunks = [];
    for (let at = 0; at < bytes(text).length; at += size) {
      chunks.push(bytes(text).subarray(at, at + size));
    }
    assertEquals(await eventsOf(chunks), whole, `in chunks of ${size}`);
  }
  const input = new TransformStream<Uint8Array, Uint8Array>();
  const events = serverSentEvents(input.readable);
  input.writable.getWriter().write(bytes("data: 1\r\r"));
  assertEquals((await events.next()).value?.data, "1", "before the next chunk is there");
});

Deno.test("a retry time beyond the longest timer is shortened to it, and 0 becomes 1 ms", async () => {
  const position: StreamPosition = {};
  await eventsOf([bytes("retry: 99999999999\n\n")], position);
  assertEquals(position.retry, 2 ** 31 - 1);
  await eventsOf([bytes("retry: 0\n\n")], position);
  assertEquals(position.retry, 1);
});

Deno.test("an event that the end of the stream interrupts is dropped", async () => {
  assertEquals(await eventsOf([bytes("data: 1\n\ndata: 2\n")]), ["1"]);
  assertEquals(await eventsOf([bytes("data: 1\r\rdata: 2\r")]), ["1"]);
});

Deno.test("the position is the latest id and retry, also of events without data", async () => {
  const position: StreamPosition = {};
  await eventsOf([bytes("retry: 50\nid: a\ndata: 1\n\nid: b\ndata:\n\ndata: 3\n\n")], position);
  assertEquals(position, { retry: 50, lastEventId: "b" });
});

Deno.test("the position is that of the consumed events, not of later ones", async () => {
  const position: StreamPosition = {};
  const body = ReadableStream.from([bytes("id: a\ndata: 1\n\nid: b\ndata: 2\n\n")]);
  const events = serverSentEvents(body, position);
  await events.next();
  assertEquals(position.lastEventId, "a");
  await events.next();
  assertEquals(position.lastEventId, "b");
});

Deno.test("an id without data moves the position, and an empty one clears it", async () => {
  const position: StreamPosition = {};
  assertEquals(await eventsOf([bytes("id: a\ndata: 1\n\nid: b\n\n")], position), ["1"]);
  assertEquals(position.lastEventId, "b");
  await eventsOf([bytes("id: a\ndata: 1\n\nid\n\n")], position);
  assertEquals(position.lastEventId, "");
  await eventsOf([bytes("id: c\n\nid: d\n")], position);
  assertEquals(position.lastEventId, "c", "the block of `d` has not ended");
});

Deno.test("an id without data moves the position only after the event before it is consumed", async () => {
  const position: StreamPosition = {};
  const body = ReadableStream.from([bytes("id: a\ndata: 1\n\nid: b\n\n")]);
  const events = serverSentEvents(body, position);
  await events.next();
  assertEquals(position.lastEventId, "a");
  await events.next();
  assertEquals(position.lastEventId, "b");
});

Deno.test("one event beyond the limit ends the stream; many smaller ones do not", async () => {
  const event = bytes(`data: ${"x".repeat(100)}\n\n`);
  assertEquals((await eventsOf(Array(50).fill(event), {}, 200)).length, 50);
  const chunkOfMany = bytes(`data: ${"x".repeat(100)}\n\n`.repeat(50));
  assertEquals((await eventsOf([chunkOfMany], {}, 200)).length, 50);
  const long = `data: ${"x".repeat(300)}`;
  for (const chunks of [[long], [`${long}\n\n`], ["data: 1\n\n", long, "\n\n"]]) {
    await assertRejects(() => eventsOf(chunks.map(bytes), {}, 200), BodyTooLarge);
  }
});

Deno.test("comments that keep a stream alive never add up to a large event", async () => {
  const chunks = [...Array(1_000).fill(": keep-alive\n"), "data: 1\n\n"].map(bytes);
  assertEquals(await eventsOf(chunks, {}, 200), ["1"]);
});

Deno.test("comments between the lines of an event do not make room for more of it", async () => {
  function* chunks() {
    for (let count = 0; count < 100; count++) yield bytes(`data: ${"x".repeat(50)}\n: comment\n`);
  }
  await assertRejects(() => eventsOf(chunks(), {}, 1_000), BodyTooLarge);
});

Deno.test("a stream of nothing but comments stays open", async () => {
  function* chunks() {
    for (let count = 0; count < 1_000; count++) {
      yield bytes(": ping");
      yield bytes(" pong\n\n");
    }
    yield bytes("data: 1\n\n");
  }
  assertEquals(await eventsOf(chunks(), {}, 1_000), ["1"]);
});
