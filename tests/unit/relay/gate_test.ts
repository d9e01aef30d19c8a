import { assert, assertEquals } from "@std/assert";
import { MAX_WAITING, MESSAGE_OVERHEAD } from "../../../src/limits.ts";
import { createGate } from "../../../src/relay/gate.ts";

/** A gate that notes what enters, and whose barriers the test settles. */
function recordingGate() {
  const entered: string[] = [];
  const barriers = new Map<string, PromiseWithResolvers<void>>();
  const gate = createGate<string>((item) => {
    entered.push(item);
    if (!item.startsWith("barrier")) return undefined;
    const barrier = Promise.withResolvers<void>();
    barriers.set(item, barrier);
    return barrier.promise;
  });
  /** Settles a barrier and lets what waits for it run. */
  async function settle(item: string, how: "resolve" | "reject" = "resolve") {
    barriers.get(item)![how]();
    await barriers.get(item)!.promise.catch(() => {});
    await Promise.resolve();
  }
  return { gate, entered, settle };
}

Deno.test("an open gate lets items through at once", () => {
  const { gate, entered } = recordingGate();
  gate.pass("a");
  gate.pass("b");
  assertEquals(entered, ["a", "b"]);
});

Deno.test("messages after a barrier wait for it and are sent in order", async () => {
  const { gate, entered, settle } = recordingGate();
  for (const item of ["a", "barrier 1", "b", "barrier 2", "c"]) gate.pass(item);
  assertEquals(entered, ["a", "barrier 1"]);
  await settle("barrier 1");
  assertEquals(entered, ["a", "barrier 1", "b", "barrier 2"]);
  gate.pass("d");
  await settle("barrier 2");
  assertEquals(entered, ["a", "barrier 1", "b", "barrier 2", "c", "d"]);
});

Deno.test("a barrier that fails opens the gate too", async () => {
  const { gate, entered, settle } = recordingGate();
  gate.pass("barrier");
  gate.pass("a");
  await settle("barrier", "reject");
  assertEquals(entered, ["barrier", "a"]);
});

Deno.test("shutting a gate returns the items that wait, and later items do not pass", async () => {
  const { gate, entered, settle } = recordingGate();
  for (const item of ["barrier", "a", "b"]) gate.pass(item);
  assertEquals(gate.shut(), ["a", "b"]);
  await settle("barrier");
  gate.pass("c");
  assertEquals(entered, ["barrier"]);
});

Deno.test("a gate asks for calm while waiting items hold more bytes than allowed", async () => {
  const barrier = Promise.withResolvers<void>();
  const gate = createGate<number>(
    (bytes) => bytes === 0 ? barrier.promise : undefined,
    (bytes) => bytes,
  );
  gate.pass(0);
  gate.pass(MAX_WAITING - 2 * MESSAGE_OVERHEAD);
  assert(await isResolved(gate.calm()), "just below the limit");
  gate.pass(1);
  const calm = gate.calm();
  assert(!await isResolved(calm), "above the limit");
  barrier.resolve();
  await calm;
  assert(await isResolved(gate.calm()), "after the items have passed");
});

Deno.test("a gate that closes again keeps asking for calm for the items that still wait", async () => {
  const barriers = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const gate = createGate<number>(
    (bytes) => barriers[bytes]?.promise,
    (bytes) => bytes,
  );
  for (const item of [0, 1, MAX_WAITING]) gate.pass(item);
  const calm = gate.calm();
  barriers[0].resolve();
  assert(!await isResolved(calm), "the long item waits for the second barrier");
  barriers[1].resolve();
  await calm;
});

/** Whether a promise has resolved when all that can run now has run. */
async function isResolved(promise: Promise<void>): Promise<boolean> {
  let resolved = false;
  promise.then(() => resolved = true);
  await new Promise((resolve) => setTimeout(resolve));
  return resolved;
}
