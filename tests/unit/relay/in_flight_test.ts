import { assert, assertEquals } from "@std/assert";
import { parseMessage } from "../../../src/json/jsonrpc.ts";
import { createInFlight } from "../../../src/relay/in_flight.ts";

const request = (id: unknown) =>
  parseMessage(JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call" }));

const batch = (...ids: unknown[]) =>
  parseMessage(JSON.stringify(ids.map((id) => ({ jsonrpc: "2.0", id, method: "tools/call" }))));

Deno.test("an id is awaited until it is settled, and settled once", () => {
  const inFlight = createInFlight();
  const exchange = inFlight.add(request(1))!;
  assertEquals([...exchange.awaited], ["1"]);
  assertEquals(inFlight.find("1"), exchange);
  assert(inFlight.settle("1"));
  assert(!inFlight.settle("1"));
  assertEquals([exchange.awaited.size, inFlight.find("1")], [0, undefined]);
});

Deno.test("ids of different types are different", () => {
  const inFlight = createInFlight();
  assert(inFlight.add(request(1)));
  assert(inFlight.add(request("1")));
  assert(inFlight.settle('"1"'));
  assert(inFlight.find("1"));
});

Deno.test("an id in use is refused until its exchange is over", () => {
  const inFlight = createInFlight();
  const exchange = inFlight.add(request(1))!;
  assertEquals(inFlight.add(request(1)), undefined);
  assertEquals(inFlight.add(batch(2, 1)), undefined);
  assertEquals(inFlight.find("2"), undefined);
  inFlight.remove(exchange);
  assert(inFlight.add(request(1)));
});

Deno.test("a batch awaits each of its ids, and the same id twice is refused", () => {
  const inFlight = createInFlight();
  const exchange = inFlight.add(batch(1, 2))!;
  inFlight.settle("1");
  assertEquals([...exchange.awaited], ["2"]);
  assertEquals(inFlight.add(batch(3, 3)), undefined);
});

Deno.test("removing an exchange frees its id and no id of a later exchange", () => {
  const inFlight = createInFlight();
  const first = inFlight.add(request(1))!;
  inFlight.settle("1");
  const second = inFlight.add(request(1))!;
  inFlight.remove(first);
  assertEquals(inFlight.find("1"), second);
  assertEquals([...inFlight.all()], [second]);
});
