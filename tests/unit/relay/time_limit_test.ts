import { assertEquals } from "@std/assert";
import { parseMessage } from "../../../src/json/jsonrpc.ts";
import { createInFlight, type Exchange } from "../../../src/relay/in_flight.ts";
import { createTimeLimit } from "../../../src/relay/time_limit.ts";
import { withFakeTime } from "../../parts/fake_time.ts";

const inFlight = createInFlight();

const request = (id: number, progressToken?: string) =>
  inFlight.add(parseMessage(JSON.stringify({
    jsonrpc: "2.0",
    id,
    method: "tools/call",
    params: { name: "slow", _meta: { progressToken } },
  })))!;

const progress = (progressToken: string) =>
  parseMessage(JSON.stringify({
    jsonrpc: "2.0",
    method: "notifications/progress",
    params: { progressToken, progress: 1 },
  }));

/** A limit of a second that notes which requests are late. */
function recordingLimit() {
  const late: Exchange[] = [];
  const limit = createTimeLimit(1_000, (exchange) => late.push(exchange));
  return { limit, late };
}

Deno.test("a request is late after its time, and one that has ended is not", () =>
  withFakeTime(async (time) => {
    const { limit, late } = recordingLimit();
    const slow = request(1);
    limit.start(slow);
    limit.start(request(2))();
    await time.pass(999);
    assertEquals(late, []);
    await time.pass(1);
    assertEquals(late, [slow]);
  }));

Deno.test("progress on any stream starts the time of its request again", () =>
  withFakeTime(async (time) => {
    const { limit, late } = recordingLimit();
    const slow = request(3, "slow");
    limit.start(slow);
    await time.pass(900);
    limit.progress(progress("slow"));
    await time.pass(900);
    limit.progress(progress("unknown"));
    assertEquals(late, []);
    await time.pass(100);
    assertEquals(late, [slow]);
  }));

Deno.test("a request that uses a token again keeps its progress when the first one ends", () =>
  withFakeTime(async (time) => {
    const { limit, late } = recordingLimit();
    const end = limit.start(request(4, "same"));
    limit.start(request(5, "same"));
    end();
    await time.pass(900);
    limit.progress(progress("same"));
    await time.pass(900);
    assertEquals(late, []);
  }));
