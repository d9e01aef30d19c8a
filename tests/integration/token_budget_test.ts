import { assert, assertEquals } from "@std/assert";
import { call, withProxy } from "../parts/scripted_proxy.ts";

// One budget for the whole way to an answer: a failed token request is not repeated by its message.

Deno.test("a token endpoint that answers 503 gets five requests for one message, not fifteen", () =>
  withProxy({
    token: () => new Response("Down until ten", { status: 503, headers: { "retry-after": "0" } }),
  }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    const { error } = (await proxy.response(1)).message;
    assertEquals([error.data.reason, error.data.status], ["token", 503]);
    assert(error.message.includes("answered 503 (Down until ten)"), error.message);
    assertEquals(server.received("token").length, 5);
  }, { revision: null }));

Deno.test("MCP_TOKEN_TIMEOUT bounds the wait for a token endpoint that never answers", () =>
  withProxy({
    token: () => new Promise<Response>(() => {}),
  }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    const { error } = (await proxy.response(1)).message;
    assertEquals(error.data.reason, "token");
    assert(error.message.includes("no answer within 1s"), error.message);
    assertEquals(server.received("token").length, 1);
  }, { revision: null, env: { MCP_TOKEN_TIMEOUT: "1" } }));
