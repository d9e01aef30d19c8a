import { assert, assertEquals } from "@std/assert";
import { nodeHttp } from "../../../../src/runtime/node/http.ts";
import { openBody } from "../../../parts/scripted_answers.ts";
import { startScriptedServer } from "../../../parts/scripted_server.ts";

/** Milliseconds until the kernel probes each connection to a port of 127.0.0.1; Linux only. */
async function probesTo(port: string): Promise<number[]> {
  const peer = `0100007F:${Number(port).toString(16).toUpperCase().padStart(4, "0")}`;
  const table = (await Deno.readTextFile("/proc/net/tcp")).split("\n").map((line) =>
    line.trim().split(/\s+/)
  );
  const timers = table.filter(([, , remote]) => remote === peer).map((columns) => columns[5]);
  // 02 is the timer of keep-alive; its time is in hundredths of a second.
  return timers.map((timer) =>
    timer.startsWith("02:") ? parseInt(timer.slice(3), 16) * 10 : Infinity
  );
}

Deno.test({
  name: "on Node, TCP probes a server that has been silent for 30 s while a request waits",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const stream = openBody();
    await using server = await startScriptedServer({ "/stream": () => stream.response });
    const http = nodeHttp();
    const url = new URL("/stream", server.url);
    const response = await http({ method: "GET", url: url.href, headers: {} });
    const probes = await probesTo(url.port);
    assertEquals(probes.length, 1);
    assert(probes[0] <= 30_000, `${probes[0]} ms`);
    stream.end();
    await response.text();
  },
});
