import { assert, assertEquals } from "@std/assert";
import { TextLineStream } from "@std/streams";
import { TextLineStream as FromSubpath } from "@std/streams/text-line-stream";

const lines = (chunks: string[], options?: { allowCR?: boolean }): Promise<string[]> =>
  Array.fromAsync(ReadableStream.from(chunks).pipeThrough(new TextLineStream(options)));

const CASES: Array<[name: string, chunks: string[], lines: string[], linesWithCR?: string[]]> = [
  ["nothing gives nothing", [], []],
  ["an empty chunk gives nothing", ["", ""], []],
  ["LF ends a line", ["a\nb\n"], ["a", "b"]],
  ["CRLF ends a line", ["a\r\nb\r\n"], ["a", "b"]],
  ["an unterminated last line counts", ["a\nb"], ["a", "b"]],
  ["empty lines count", ["\n\r\n\na\n"], ["", "", "", "a"]],
  ["a line spans chunks", ["a", "b", "", "c\nd"], ["abc", "d"]],
  ["CRLF cut between chunks is one ending", ["a\r", "\nb\r", "", "\n"], ["a", "b"]],
  ["a lone CR is text", ["a\rb\n\rc\r\r\n"], ["a\rb", "\rc\r"], ["a", "b", "", "c", ""]],
  ["a lone CR at the end of a chunk is text", ["a\r", "b\n"], ["a\rb"], ["a", "b"]],
  ["a CR at the very end is text", ["a\r"], ["a\r"], ["a"]],
  ["only a CR is text", ["\r"], ["\r"], [""]],
  ["two CRs at the very end", ["a\r\r"], ["a\r\r"], ["a", ""]],
  [
    "other line separators are text",
    ["a\u2028b\u2029c\u0085d\ve\n"],
    ["a\u2028b\u2029c\u0085d\ve"],
  ],
];

for (const [name, chunks, expected, expectedWithCR = expected] of CASES) {
  Deno.test(`TextLineStream: ${name}`, async () => {
    assertEquals(await lines(chunks), expected);
    assertEquals(await lines(chunks, {}), expected);
    assertEquals(await lines(chunks, { allowCR: false }), expected);
  });
  Deno.test(`TextLineStream with allowCR: ${name}`, async () => {
    assertEquals(await lines(chunks, { allowCR: true }), expectedWithCR);
  });
  Deno.test(`TextLineStream, one character at a time: ${name}`, async () => {
    const characters = [...chunks.join("")];
    assertEquals(await lines(characters), expected);
    assertEquals(await lines(characters, { allowCR: true }), expectedWithCR);
  });
}

Deno.test("TextLineStream: a line is out before the next chunk is in", async () => {
  const stream = new TextLineStream();
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  const written = writer.write("a\nb");
  assertEquals(await reader.read(), { done: false, value: "a" });
  const closed = Promise.all([written, writer.close()]);
  assertEquals(await reader.read(), { done: false, value: "b" });
  assertEquals(await reader.read(), { done: true, value: undefined });
  await closed;
});

Deno.test("TextLineStream: a 32 MB line in 64 KB chunks comes out whole", async () => {
  const chunk = "x".repeat(64 * 1024);
  const [first, second, ...others] = await lines([...Array(512).fill(chunk), "y\r", "\nz"]);
  // Not assertEquals: nobody wants to read that difference.
  assert(first === chunk.repeat(512) + "y");
  assertEquals([second, ...others], ["z"]);
});

Deno.test("TextLineStream: the subpath exports the same class", () => {
  assertEquals(FromSubpath, TextLineStream);
});
