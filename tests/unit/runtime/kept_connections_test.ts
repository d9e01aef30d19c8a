import { assertEquals } from "@std/assert";
import { denoHttp } from "../../../src/runtime/deno/http.ts";
import { beforeReuse } from "../../../src/runtime/kept_connections.ts";
import { nodeHttp } from "../../../src/runtime/node/http.ts";
import type { HttpClient } from "../../../src/runtime/types.ts";
import { chunked, openBody } from "../../parts/scripted_answers.ts";
import { startScriptedServer } from "../../parts/scripted_server.ts";

const HOUR = 3_600_000;

/** What a guard does at each time of the two clocks. */
function watch() {
  const time = { wall: 0, awake: 0 };
  let dropped = 0;
  const ready = beforeReuse(() => dropped++, { wall: () => time.wall, awake: () => time.awake });
  return {
    /** Lets time pass, and says what happens before the next request. */
    after(wall: number, awake = wall) {
      time.wall += wall;
      time.awake += awake;
      const waits = ready() !== undefined;
      const drops = dropped;
      dropped = 0;
      return { waits, drops };
    },
  };
}

Deno.test("connections that are used all the time are kept, without a turn of the event loop", () => {
  const guard = watch();
  for (const pause of [0, 10, 499]) assertEquals(guard.after(pause), { waits: false, drops: 0 });
});

Deno.test("after a pause, the event loop turns once before a connection is used again", () => {
  const guard = watch();
  guard.after(0);
  assertEquals(guard.after(600), { waits: true, drops: 0 });
});

Deno.test("after the machine was suspended, kept connections are dropped once", () => {
  const guard = watch();
  guard.after(0);
  assertEquals(guard.after(HOUR, 10), { waits: true, drops: 1 });
  assertEquals(guard.after(10), { waits: false, drops: 0 });
});

Deno.test("a clock that is set back drops no connection", () => {
  const guard = watch();
  guard.after(0);
  assertEquals(guard.after(-HOUR, 10), { waits: false, drops: 0 });
});

/** Runs `test` with a function that makes the machine sleep, as far as its clocks can tell. */
async function withSleep(test: (sleep: (milliseconds: number) => void) => Promise<void>) {
  const { now } = Date;
  let slept = 0;
  Date.now = () => now() + slept;
  try {
    await test((milliseconds) => slept += milliseconds);
  } finally {
    Date.now = now;
  }
}

const RUNTIMES: Readonly<Record<string, () => HttpClient>> = { Deno: denoHttp, Node: nodeHttp };

for (const [name, createHttp] of Object.entries(RUNTIMES)) {
  Deno.test(`on ${name}, a request after a sleep has a new connection, and one in flight keeps its own`, () =>
    withSleep(async (sleep) => {
      const stream = openBody();
      await using server = await startScriptedServer({
        "/stream": () => stream.response,
        "/short": () => chunked(["short"]),
      });
      const http = createHttp();
      const get = (path: string) =>
        http({ method: "GET", url: new URL(path, server.url).href, headers: {} });
      const open = await get("/stream");
      for (const _ of [1, 2]) await (await get("/short")).text();
      sleep(HOUR);
      await (await get("/short")).text();
      stream.send("still here");
      stream.end();
      assertEquals(await open.text(), "still here");
      const [, first, second, third] = [...server.requests].map(({ client }) => client);
      assertEquals(first, second);
      assertEquals(second === third, false);
    }));
}
