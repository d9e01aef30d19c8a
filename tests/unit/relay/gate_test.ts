import { assertEquals } from "@std/assert";
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
