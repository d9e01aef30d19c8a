import { assertEquals } from "@std/assert";
import { createSlots, type Slots } from "../../src/relay/slots.ts";

/** Takes a place and notes when it has it. */
function taker(slots: Slots) {
  const has: string[] = [];
  return { has, take: (name: string) => slots.take().then(() => has.push(name)) };
}

/** Lets what is ready happen. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("tasks beyond the places wait, and get one in the order in which they came", async () => {
  const slots = createSlots(2);
  const { has, take } = taker(slots);
  ["a", "b", "c", "d"].forEach(take);
  await settled();
  assertEquals(has, ["a", "b"]);
  slots.give();
  await settled();
  assertEquals(has, ["a", "b", "c"]);
  slots.give();
  slots.give();
  await settled();
  take("e");
  await settled();
  assertEquals(has, ["a", "b", "c", "d", "e"]);
});

Deno.test("it is calm again when as few tasks wait as may", async () => {
  const slots = createSlots(1, 1);
  const { take } = taker(slots);
  take("in");
  take("may wait");
  await slots.calm();
  take("too many");
  let isCalm = false;
  const calm = slots.calm().then(() => isCalm = true);
  await settled();
  assertEquals(isCalm, false);
  slots.give();
  await calm;
});

Deno.test("a single place leaves room for lines that end what has it", async () => {
  const slots = createSlots(1);
  const { take } = taker(slots);
  for (let number = 0; number < 100; number++) take(String(number));
  await slots.calm();
});

Deno.test("thousands of tasks leave all places free", async () => {
  const slots = createSlots(8);
  await Promise.all(Array.from({ length: 5_000 }, async () => {
    await slots.take();
    await Promise.resolve();
    slots.give();
  }));
  const { has, take } = taker(slots);
  for (let number = 0; number < 9; number++) take(String(number));
  await settled();
  assertEquals(has.length, 8);
});
