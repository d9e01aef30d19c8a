import { assertEquals, assertRejects } from "@std/assert";
import { createHeldCalls } from "../../../src/bridge/held_calls.ts";
import type { LegacyCall } from "../../../src/bridge/legacy_call.ts";
import { ProxyError } from "../../../src/errors.ts";
import { SILENT } from "../../../src/log/log.ts";
import { messageOf } from "../../parts/fake_upstream.ts";
import { withFakeTime } from "../../parts/fake_time.ts";

const request = messageOf({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "echo", arguments: {} },
});

/** A call that notes whether it was cancelled. */
function fakeCall(): LegacyCall & { isCancelled: boolean } {
  const call = {
    isCancelled: false,
    cancel() {
      call.isCancelled = true;
      return Promise.resolve();
    },
  };
  return call as unknown as LegacyCall & { isCancelled: boolean };
}

const heldCalls = (max: number) => createHeldCalls({ max, heldFor: 1_000, log: SILENT });

Deno.test("a call is given back once, to the request that its state belongs to", async () => {
  const held = heldCalls(2);
  const [one, two] = [fakeCall(), fakeCall()];
  const states = [await held.hold(one, request), await held.hold(two, request)];
  assertEquals(await held.take(request, states[1]), two);
  assertEquals(await held.take(request, states[1]), undefined);
  assertEquals(await held.take(request, states[0]), one);
});

Deno.test("a call that is over is forgotten, and no other", async () => {
  const held = heldCalls(2);
  const [one, two] = [fakeCall(), fakeCall()];
  const states = [await held.hold(one, request), await held.hold(two, request)];
  held.remove(one);
  assertEquals(await held.take(request, states[0]), undefined);
  assertEquals(await held.take(request, states[1]), two);
});

Deno.test("when too many calls wait, the error says that the call may have run", async () => {
  const held = heldCalls(1);
  await held.hold(fakeCall(), request);
  const error = await assertRejects(() => held.hold(fakeCall(), request), ProxyError);
  assertEquals(error.details.mayHaveRun, true);
});

Deno.test("a call whose client does not come back is cancelled; one that was taken is not", () =>
  withFakeTime(async (time) => {
    const held = heldCalls(3);
    const [late, taken, over] = [fakeCall(), fakeCall(), fakeCall()];
    const state = await held.hold(late, request);
    await held.take(request, await held.hold(taken, request));
    await held.hold(over, request);
    held.remove(over);
    await time.pass(1_000);
    assertEquals([late.isCancelled, taken.isCancelled, over.isCancelled], [true, false, false]);
    assertEquals(await held.take(request, state), undefined);
  }));
