import { assertEquals } from "@std/assert";
import { createLineWriter } from "../../../src/stdio/writer.ts";
import { Bytes } from "../../../src/json/text.ts";
import { inPieces } from "../../parts/pieces.ts";

/** A writer whose sink takes a chunk when the test says so. */
function slowWriter() {
  const chunks: string[] = [];
  let room: PromiseWithResolvers<void> | undefined;
  const writer = createLineWriter((chunk) => {
    chunks.push(new TextDecoder().decode(chunk));
    room = Promise.withResolvers();
    return room.promise;
  });
  /** Lets everything run that can. */
  const turn = () => new Promise<void>((resolve) => setTimeout(resolve));
  return {
    writer,
    chunks,
    turn,
    async makeRoom() {
      room!.resolve();
      await turn();
    },
    async leave() {
      room!.reject(new Error("EPIPE"));
      await turn();
    },
  };
}

Deno.test("lines are written in the order of the calls, each with a line feed", async () => {
  const { writer, chunks, turn, makeRoom } = slowWriter();
  writer.write("a");
  await turn();
  writer.write("b");
  writer.write("c");
  await makeRoom();
  await makeRoom();
  assertEquals(chunks.join(""), "a\nb\nc\n");
});

Deno.test("lines that come while the reader is slow are written together", async () => {
  const { writer, chunks, turn, makeRoom } = slowWriter();
  writer.write("a");
  await turn();
  for (const line of ["b", "c", "d"]) writer.write(line);
  await makeRoom();
  assertEquals(chunks, ["a\n", "b\nc\nd\n"]);
});

Deno.test("a write resolves only when the reader has read it", async () => {
  const { writer, turn, makeRoom } = slowWriter();
  const done: string[] = [];
  writer.write("a").then(() => done.push("a"));
  await turn();
  writer.write("b").then(() => done.push("b"));
  await turn();
  assertEquals(done, []);
  await makeRoom();
  assertEquals(done, ["a"]);
  await makeRoom();
  assertEquals(done, ["a", "b"]);
});

Deno.test("flushed() resolves when everything is written, and at once if nothing waits", async () => {
  const { writer, turn, makeRoom } = slowWriter();
  await writer.flushed();
  let flushed = false;
  writer.write("a");
  await turn();
  writer.write("b");
  writer.flushed().then(() => flushed = true);
  await makeRoom();
  assertEquals(flushed, false);
  await makeRoom();
  assertEquals(flushed, true);
});

Deno.test("a reader that is gone is reported once, and later writes never resolve", async () => {
  const { writer, turn, leave } = slowWriter();
  const done: string[] = [];
  writer.write("a").then(() => done.push("a"));
  await turn();
  await leave();
  await writer.closed;
  writer.write("b").then(() => done.push("b"));
  await turn();
  assertEquals(done, []);
});

Deno.test("bytes are written unchanged, in order with the lines", async () => {
  const chunks: Uint8Array[] = [];
  const writer = createLineWriter((chunk) => Promise.resolve(void chunks.push(chunk)));
  const pieces = [new Uint8Array([0xff, 0x41]), new Uint8Array([0x42])];
  for (const line of ["a", "b", new Bytes(pieces), "c"]) writer.write(line);
  await writer.flushed();
  assertEquals(pieces.every((piece) => chunks.includes(piece)), true, "not copied");
  assertEquals(chunks.flatMap((chunk) => [...chunk]), [
    ...new TextEncoder().encode("a\nb\n"),
    ...[0xff, 0x41, 0x42],
    ...new TextEncoder().encode("\nc\n"),
  ]);
});

Deno.test("the pieces of a line are written without anything in between, however slow the reader is", async () => {
  const { writer, chunks, turn, makeRoom } = slowWriter();
  const done: string[] = [];
  writer.write(inPieces("first", 2)).then(() => done.push("first"));
  await turn();
  for (const line of ["short", inPieces("second", 4)]) writer.write(line);
  for (const piece of ["fi", "rs", "t", "\n"]) {
    assertEquals([chunks.at(-1), done], [piece, []]);
    await makeRoom();
  }
  assertEquals(done, ["first"]);
  for (let piece = 0; piece < 4; piece++) await makeRoom();
  assertEquals(chunks.join(""), "first\nshort\nsecond\n");
});
