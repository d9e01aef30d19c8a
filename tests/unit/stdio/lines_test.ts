import { assertEquals } from "@std/assert";
import type { LongLine } from "../../../src/stdio/line_cutter.ts";
import { readLines } from "../../../src/stdio/lines.ts";
import { readTexts } from "../../../src/stdio/texts.ts";
import { LONG, stringOf, type Text } from "../../../src/json/text.ts";

function bytesOf(chunks: Iterable<string | Uint8Array>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return ReadableStream.from(chunks)
    .pipeThrough(
      new TransformStream<string | Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          controller.enqueue(typeof chunk === "string" ? encoder.encode(chunk) : chunk);
        },
      }),
    );
}

async function strings(lines: AsyncIterable<readonly Text[]>): Promise<string[]> {
  const all = (await Array.fromAsync(lines)).flat();
  return all.map((line) => stringOf(line).replace(/\r?\n$/, ""));
}

async function linesOf(
  chunks: Iterable<string | Uint8Array>,
  limit?: number,
  onLong?: (line: LongLine) => void,
): Promise<string[]> {
  const all = [...chunks];
  const lines = await strings(readLines(bytesOf(all), limit, onLong));
  assertEquals(await strings(readTexts(bytesOf(all), limit)), lines, "without web streams");
  return lines;
}

Deno.test("lines end with LF or CRLF; the last line may have neither", async () => {
  assertEquals(await linesOf(["a\nb\r\n\nc"]), ["a", "b", "", "c"]);
  assertEquals(await linesOf(["a\n"]), ["a"]);
  assertEquals(await linesOf([]), []);
});

Deno.test("nothing else ends a line", async () => {
  const text = "a\u2028b\u2029c\u0085d\ve\ff";
  assertEquals(await linesOf([`${text}\n`]), [text]);
});

Deno.test("lines are the same however the bytes are cut", async () => {
  const text = '{"a":"Grüße 世界 🎉 \u2028 \ufeff"}\r\n\r\n\ufeff{"b":1}\nc';
  const bytes = new TextEncoder().encode(text);
  const expected = await linesOf([bytes]);
  assertEquals(expected, ['{"a":"Grüße 世界 🎉 \u2028 \ufeff"}', "", '\ufeff{"b":1}', "c"]);
  for (let size = 1; size < 8; size++) {
    const chunks = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
    assertEquals(await linesOf(chunks), expected, `in chunks of ${size}`);
  }
});

Deno.test("a byte order mark at the start of the input is removed", async () => {
  assertEquals(await linesOf(["\ufeffa\n"]), ["a"]);
});

Deno.test("a line comes out as soon as it has ended", async () => {
  const input = new TransformStream<Uint8Array, Uint8Array>();
  const writer = input.writable.getWriter();
  const lines = readLines(input.readable)[Symbol.asyncIterator]();
  writer.write(new TextEncoder().encode("a\nb"));
  assertEquals((await lines.next()).value, ["a"]);
  writer.write(new TextEncoder().encode("\n"));
  assertEquals((await lines.next()).value, ["b"]);
  writer.close();
  assertEquals((await lines.next()).done, true);
});

Deno.test("a line over the limit is dropped, its two ends are reported, and the next line is read", async () => {
  const long: LongLine[] = [];
  const lines = await linesOf(
    ["ok\n", "{head", "x".repeat(5_000), "tail}", "\r\nnext\n"],
    100,
    (line) => long.push(line),
  );
  assertEquals(lines.filter((line) => line !== ""), ["ok", "next"]);
  assertEquals(long.map(({ head, tail }) => [head.slice(0, 5), tail.slice(-5)]), [[
    "{head",
    "tail}",
  ]]);
});

Deno.test("a long line stays bytes, and the short lines around it become text", async () => {
  const long = "x".repeat(LONG);
  const chunks = [`a\n${long}`, "y\n\0\nb\nc\n"];
  for (const lines of [readLines(bytesOf(chunks)), readTexts(bytesOf(chunks))]) {
    const all = (await Array.fromAsync(lines)).flat();
    const forms = all.map((line) => typeof line === "string" ? line : line.length);
    assertEquals(forms, ["a", LONG + "y\n".length, "\0", "b", "c"]);
  }
});

Deno.test("a long line and its neighbours are the same for every division into chunks", async () => {
  const long = `${"Grüße 世界 🎉 ".repeat(LONG / 16)}\r`;
  const bytes = new TextEncoder().encode(`a\n${long}\nb\n${long}\nö`);
  for (const size of [1_000, 4_099, 1 << 16, LONG - 1, LONG, bytes.length]) {
    const chunks = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
    const lines = await linesOf(chunks);
    const expected = ["a", long.slice(0, -1), "b", long.slice(0, -1), "ö"];
    assertEquals(lines.map((line, at) => line === expected[at]), Array(5).fill(true), `${size}`);
  }
});

Deno.test("the two ends of a line over the limit are reported for every division into chunks", async () => {
  const bytes = new TextEncoder().encode(`{"head":"${"ü".repeat(3_000)}","tail":1}\n`);
  for (const size of [1, 7, 1_000, 4_000, bytes.length]) {
    const long: LongLine[] = [];
    const chunks = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
    assertEquals(await linesOf(chunks, 1_500, (line) => long.push(line)), []);
    assertEquals(long, [{
      head: `{"head":"${"ü".repeat(507)}\ufffd`,
      tail: `${"ü".repeat(506)}","tail":1}`,
    }], `in chunks of ${size}`);
  }
});
