import { assertEquals, assertRejects } from "@std/assert";
import { readBoundedText } from "../../../src/runtime/bounded_file.ts";

const encoder = new TextEncoder();

/** A file in pieces; it never ends if `isEndless`. */
async function* file(text: string, isEndless = false) {
  for (const byte of encoder.encode(text)) yield Uint8Array.of(byte);
  if (isEndless) await new Promise(() => {});
}

Deno.test("a file is read as UTF-8, whatever pieces it comes in", async () => {
  assertEquals(await readBoundedText(() => Promise.resolve(file("\ufeffé€"))), "\ufeffé€");
});

Deno.test("a file that is too long is not read to its end", async () => {
  const chunks = (async function* () {
    for (;;) yield new Uint8Array(1 << 18);
  })();
  const reading = readBoundedText(() => Promise.resolve(chunks), { size: 1 << 20, time: 60_000 });
  await assertRejects(() => reading, Error, "it has more than 1 MiB");
});

Deno.test("a file that does not end, such as a FIFO, is given up", async () => {
  const limits = { size: 1 << 20, time: 10 };
  for (const open of [() => new Promise<never>(() => {}), () => Promise.resolve(file("a", true))]) {
    await assertRejects(() => readBoundedText(open, limits), Error, "it did not end within 0.01 s");
  }
});
