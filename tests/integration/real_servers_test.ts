import { assertEquals, assertStringIncludes } from "@std/assert";
import { html, jsonText, reply } from "../parts/scripted_answers.ts";
import { call, result, withProxy } from "../parts/scripted_proxy.ts";

Deno.test("the server's own words are in the error", async () => {
  const answers: [answer: () => Response, words: string][] = [
    [() => new Response("Invalid Host header", { status: 421 }), "Invalid Host header"],
    [() => Response.json({ detail: "no such tenant" }, { status: 422 }), "no such tenant"],
    [() => html(403), "a firewall or gateway"],
    [
      () =>
        new Response(null, {
          status: 403,
          headers: {
            "www-authenticate": 'Bearer error="invalid_token", error_description="wrong audience"',
          },
        }),
      "wrong audience",
    ],
  ];
  for (const [answer, words] of answers) {
    await withProxy({ "tools/call": answer }, async ({ proxy }) => {
      await proxy.send(call(1));
      assertStringIncludes((await proxy.response(1)).message.error.message, words);
    });
  }
});

Deno.test("an array of one response answers a single request", () =>
  withProxy({
    "tools/call": ({ message: { id } }) => jsonText(JSON.stringify([result(id, { n: 1 })])),
  }, async ({ proxy }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message, result(1, { n: 1 }));
  }));

Deno.test("an id that has become a string is corrected in results", () =>
  withProxy({
    "tools/call": ({ message: { id } }) => jsonText(JSON.stringify(result(String(id), { n: 1 }))),
  }, async ({ proxy }) => {
    await proxy.send(call(5));
    assertEquals((await proxy.response(5)).message, result(5, { n: 1 }));
  }));

for (const status of [409, 410, 422, 500, 503]) {
  Deno.test(`a session that is lost with status ${status} is started again`, () => {
    let calls = 0;
    return withProxy({
      "tools/call": (request) =>
        calls++ === 0
          ? Response.json({ error: "Session not found" }, { status })
          : reply(request, { n: 1 }),
    }, async ({ proxy, server }) => {
      await proxy.send(call(1));
      assertEquals((await proxy.response(1)).message, result(1, { n: 1 }));
      assertEquals(server.received("initialize").length, 2);
    });
  });
}

Deno.test("the line separators U+2028 and U+2029 are escaped on stdout", () =>
  withProxy({
    "tools/call": (request) => reply(request, { text: "a\u2028b\u2029c" }),
  }, async ({ proxy }) => {
    await proxy.send(call(1));
    const { text, message } = await proxy.response(1);
    assertStringIncludes(text, "a\\u2028b\\u2029c");
    assertEquals(message, result(1, { text: "a\u2028b\u2029c" }));
  }));

Deno.test("an HTTP+SSE server whose stream needs a token that cannot be had: the token is the reason", () =>
  withProxy({
    initialize: () => new Response(null, { status: 405 }),
    GET: () => new Response(null, { status: 401, headers: { "www-authenticate": "Bearer" } }),
    token: () => Response.json({ error: "invalid_client" }, { status: 401 }),
  }, async ({ proxy }) => {
    await proxy.send({
      jsonrpc: "2.0",
      id: 1,
      method: "initialize",
      params: {
        protocolVersion: "2025-11-25",
        capabilities: {},
        clientInfo: { name: "t", version: "1" },
      },
    });
    const { error } = (await proxy.response(1)).message;
    assertEquals([error.data.reason, error.data.oauthError], ["token", "invalid_client"]);
  }, { revision: null }));
