import { assert, assertEquals } from "@std/assert";
import { Socket } from "node:net";
import { nodeHttp } from "../../../../src/runtime/node/http.ts";
import { startScriptedServer } from "../../../parts/scripted_server.ts";
import { reply } from "../../../parts/scripted_answers.ts";

/** Runs `test` with every timeout that is set on a socket meanwhile: the last one of each. */
async function withSocketTimeouts(test: (timeouts: Map<Socket, number>) => Promise<void>) {
  const timeouts = new Map<Socket, number>();
  const { setTimeout } = Socket.prototype;
  Socket.prototype.setTimeout = function (milliseconds, ...rest) {
    timeouts.set(this, milliseconds);
    return setTimeout.call(this, milliseconds, ...rest);
  };
  try {
    await test(timeouts);
  } finally {
    Socket.prototype.setTimeout = setTimeout;
  }
}

Deno.test("on Node no clock runs against an answer, on a new connection or a used one (the proof in time is a soak)", () =>
  withSocketTimeouts(async (timeouts) => {
    let limits: number[] = [];
    await using server = await startScriptedServer({
      "tools/call": (request) => {
        limits = [...timeouts].filter(([socket]) => !socket.destroyed).map(([, limit]) => limit);
        return reply(request, {});
      },
    });
    const http = nodeHttp();
    for (const id of [1, 2]) {
      const body = JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call" });
      const response = await http({ method: "POST", url: server.url, headers: {}, body });
      await response.text();
      assert(limits.length > 0, "the request's own socket is among them");
      assertEquals(new Set(limits), new Set([0]));
    }
  }));
