import { assertEquals, assertRejects } from "@std/assert";
import { createQueue } from "../../../src/async/queue.ts";

async function read<T>(queue: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of queue) items.push(item);
  return items;
}

Deno.test("a queue yields what was pushed before and after its reader started, in order", async () => {
  const queue = createQueue<number>();
  queue.push(1);
  const items = read(queue);
  queue.push(2);
  await Promise.resolve();
  queue.push(3);
  queue.end();
  assertEquals(await items, [1, 2, 3]);
});

Deno.test("a queue that ends with an error throws it after the items", async () => {
  const queue = createQueue<number>();
  queue.push(1);
  queue.end(new Error("over"));
  queue.push(2);
  const items: number[] = [];
  await assertRejects(
    async () => {
      for await (const item of queue) items.push(item);
    },
    Error,
    "over",
  );
  assertEquals(items, [1]);
});

Deno.test("a push resolves when the reader asks for the next item, not before", async () => {
  const queue = createQueue<number>();
  const events: string[] = [];
  queue.push(1).then(() => events.push("done 1"));
  const reader = queue[Symbol.asyncIterator]();
  await reader.next();
  events.push("read 1");
  queue.push(2);
  await reader.next();
  assertEquals(events, ["read 1", "done 1"]);
  await reader.return!();
});

Deno.test("nothing waits for a reader that is gone or never comes", async () => {
  const left = createQueue<number>();
  const pushes = [left.push(1), left.push(2)];
  for await (const _ of left) break;
  await Promise.all([...pushes, left.push(3)]);

  const dropped = createQueue<number>();
  const push = dropped.push(1);
  dropped.drop();
  await push;
  assertEquals(await read(dropped), []);
});
