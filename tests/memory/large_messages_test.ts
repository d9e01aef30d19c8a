import { assert, assertEquals } from "@std/assert";
import { serverSentEvents } from "../../src/http/sse.ts";
import { memberSpan } from "../../src/json/spans.ts";
import { stringOf } from "../../src/json/text.ts";
import { readLines } from "../../src/stdio/lines.ts";
import { readTexts } from "../../src/stdio/texts.ts";
import { chunked, reply } from "../parts/scripted_answers.ts";
import { call, result, withProxy } from "../parts/scripted_proxy.ts";

// A message of 32 MB costs time and memory in proportion to its size, however it arrives.

const SIZE = 32 << 20;
/** 32 MB in UTF-8, made of characters of three bytes. */
const LARGE = "世".repeat(SIZE / 3);

/** A text of 32 MB in 32,768 chunks. Copying it with each chunk would be half a terabyte. */
function* tinyChunks(before: string, after: string): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  const chunk = new Uint8Array(1024).fill("x".charCodeAt(0));
  yield encoder.encode(before);
  for (let count = SIZE / chunk.length; count > 0; count--) yield chunk;
  yield encoder.encode(after);
}

for (const read of [readLines, readTexts]) {
  Deno.test(`a line of 32 MB may arrive in tiny chunks: ${read.name}`, async () => {
    const found = await Array.fromAsync(read(ReadableStream.from(tinyChunks("", "\n"))));
    assertEquals(found.flat().map((line) => stringOf(line).trimEnd().length), [SIZE]);
  });
}

Deno.test("an event of 32 MB may arrive in tiny chunks", async () => {
  const lengths: number[] = [];
  const events = serverSentEvents(ReadableStream.from(tinyChunks("data: ", "\n\n")));
  for await (const { data } of events) lengths.push(data.length);
  assertEquals(lengths, [SIZE]);
});

Deno.test("a member is found after 32 MB of one string, of many strings and of escapes", () => {
  const values = ["x".repeat(SIZE), "\\n".repeat(SIZE / 2), "\\\\".repeat(SIZE / 2)]
    .map((text) => `"${text}"`);
  for (const value of [...values, `[${'"b",'.repeat(SIZE / 4)}1]`]) {
    const text = `{"a":${value},"x":1}`;
    const span = memberSpan(text, "x");
    assert(span && text.slice(...span) === "1");
  }
});

Deno.test("a message of 32 MB goes to the server and comes back as JSON", () =>
  withProxy({
    "tools/call": (request) => reply(request, request.message.params.arguments),
  }, async ({ proxy }) => {
    await proxy.send(call(1, "echo", { text: LARGE }));
    const { text } = await proxy.response(1);
    assert(text === JSON.stringify(result(1, { text: LARGE })));
  }));

Deno.test("a message of 32 MB arrives on an SSE stream", () =>
  withProxy({
    "tools/call": () => chunked([`data: ${JSON.stringify(result(1, { text: LARGE }))}\n\n`]),
  }, async ({ proxy }) => {
    await proxy.send(call(1));
    const { text } = await proxy.response(1);
    assert(text === JSON.stringify(result(1, { text: LARGE })));
  }));
