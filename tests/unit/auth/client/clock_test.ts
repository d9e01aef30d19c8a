import { assertEquals, assertMatch } from "@std/assert";
import { createClock } from "../../../../src/auth/client/clock.ts";
import { keptLog } from "../../../parts/fake_http.ts";

const at = (seconds: number) => new Date(seconds * 1000).toUTCString();

/** A clock of a machine whose time is 1000 s after 1970. */
function clock() {
  const log = keptLog();
  return { log, clock: createClock(log, () => 1_000_000) };
}

Deno.test("a server's time is used once it differs by more than clocks usually do", () => {
  const { clock: { now, learnFrom }, log } = clock();
  assertEquals(now(), 1_000);
  assertEquals(learnFrom(at(1_010), "auth.example.com"), false);
  assertEquals(learnFrom(at(990), "auth.example.com"), false);
  assertEquals(learnFrom(at(1_300), "auth.example.com"), true);
  assertEquals(now(), 1_300);
  assertEquals(learnFrom(at(1_300), "auth.example.com"), false);
  assertMatch(log.lines[0], /300 s behind that of auth\.example\.com/);
  assertEquals(learnFrom(at(400), "auth.example.com"), true);
  assertEquals(now(), 400);
  assertMatch(log.lines[1], /600 s ahead of/);
});

Deno.test("a response without a date, or with a wrong one, changes nothing", () => {
  const { clock: { now, learnFrom }, log } = clock();
  for (const date of [undefined, "", "soon"]) assertEquals(learnFrom(date, "server"), false);
  assertEquals([now(), log.lines], [1_000, []]);
});
