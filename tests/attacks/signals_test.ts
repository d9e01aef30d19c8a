import { assert, assertEquals } from "@std/assert";
import { openBody } from "../parts/scripted_answers.ts";
import { call, withProxy } from "../parts/scripted_proxy.ts";

const SIGNALS = [["SIGTERM", 143], ["SIGINT", 130], ["SIGHUP", 129]] as const;

for (const [signal, code] of SIGNALS) {
  Deno.test({
    name:
      `SIGTERM, SIGINT or SIGHUP arrives during a call: the call is cancelled, the session is ended, and the last log line is written (${signal})`,
    ignore: Deno.build.os === "windows", // It has no such signals.
    fn: () =>
      withProxy({
        GET: () => openBody().response,
        "tools/call": () => new Promise<never>(() => {}),
      }, async ({ proxy, server }) => {
        await proxy.send(call(1));
        await server.requests.until(({ name }) => name === "tools/call");
        proxy.kill(signal);
        assertEquals((await proxy.status).code, code);
        assertEquals(proxy.lines.at(-1)?.message.error.data.reason, "shutdown");
        assertEquals(proxy.lines.length, 2);
        const [cancelled] = server.received("notifications/cancelled");
        assertEquals(cancelled.message.params.requestId, 1);
        assertEquals(server.received("DELETE").length, 1);
        assert(proxy.stderr.includes("Ended"), proxy.stderr);
      }),
  });
}
