import { assertEquals } from "@std/assert";
import { createSlots, type Slots } from "../../../src/relay/slots.ts";

/** Takes a place and notes when it has it. */
function taker(slots: Slots) {
  const has: string[] = [];
  return { has, take: async (name: string) => (await slots.acquire(0), has.push(name)) };
}

/** Lets what is ready happen. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("tasks beyond the number of slots wait, and get one in order", async () => {
  const slots = createSlots(2);
  const { has, take } = taker(slots);
  ["a", "b", "c", "d"].forEach(take);
  await settled();
  assertEquals(has, ["a", "b"]);
  slots.release();
  await settled();
  assertEquals(has, ["a", "b", "c"]);
  slots.release();
  slots.release();
  await settled();
  take("e");
  await settled();
  assertEquals(has, ["a", "b", "c", "d", "e"]);
});

Deno.test("calm() resolves when the waiting tasks hold no more bytes than allowed", async () => {
  const slots = createSlots(1, 100_000);
  slots.acquire(1_000_000);
  slots.acquire(90_000);
  await slots.calm();
  slots.acquire(90_000);
  let isCalm = false;
  const calm = slots.calm().then(() => isCalm = true);
  await settled();
  assertEquals(isCalm, false);
  slots.release();
  await calm;
});

Deno.test("thousands of short messages can wait, and a message that ends the first ones follows them", async () => {
  const slots = createSlots(1);
  for (let number = 0; number < 4_000; number++) slots.acquire(50);
  await slots.calm();
});

Deno.test("all slots are free after thousands of tasks", async () => {
  const slots = createSlots(8);
  await Promise.all(Array.from({ length: 5_000 }, async () => {
    await slots.acquire(0);
    await Promise.resolve();
    slots.release();
  }));
  const { has, take } = taker(slots);
  for (let number = 0; number < 9; number++) take(String(number));
  await settled();
  assertEquals(has.length, 8);
});
