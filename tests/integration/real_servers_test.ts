import { assertEquals, assertStringIncludes } from "@std/assert";
import { event, html, jsonText, openBody, reply, sse } from "../parts/scripted_answers.ts";
import { call, result, withProxy } from "../parts/scripted_proxy.ts";
import type { Answer, ScriptedRequest } from "../parts/scripted_server.ts";

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

/** A tool whose argument `x` is mirrored into a header. */
const MARKED = {
  name: "a",
  inputSchema: {
    type: "object",
    properties: { x: { type: "string", "x-mcp-header": "X" } },
  },
};

/** Rejects calls without the header, in the way that `reject` writes an error. */
const wantsHeader = (reject: (error: unknown) => Response): Answer => (request) => {
  const { id, params } = request.message;
  if (request.headers["mcp-param-x"] === params.arguments.x) return reply(request, { n: 1 });
  return reject({ jsonrpc: "2.0", id, error: { code: -32020, message: "Header mismatch" } });
};

const listsTools: Answer = (request) => {
  if (request.message.params?.cursor !== "2") {
    return reply(request, { tools: [{ name: "b" }], nextCursor: "2" });
  }
  return reply(request, { tools: [MARKED] });
};

const REJECTIONS: Record<string, (error: unknown) => Response> = {
  "a 400": (error) => Response.json(error, { status: 400 }),
  "JSON with status 200": (error) => Response.json(error),
  "a stream": (error) => sse(error),
};

for (const [how, reject] of Object.entries(REJECTIONS)) {
  Deno.test(`a session of 2025-11-25 whose server answers -32020 in ${how}: the tools are listed, and the call is sent with Mcp-Param headers`, () =>
    withProxy({
      "tools/list": listsTools,
      "tools/call": wantsHeader(reject),
    }, async ({ proxy, server }) => {
      await proxy.send(call("tools", "a", { x: "1" }));
      assertEquals((await proxy.response("tools")).message, result("tools", { n: 1 }));
      await proxy.send(call(2, "a", { x: "2" }));
      assertEquals((await proxy.response(2)).message, result(2, { n: 1 }));
      const sent = [...server.requests].map(({ name }) => name).filter((name) =>
        /^tools/.test(name)
      );
      assertEquals(sent, ["tools/call", "tools/list", "tools/list", "tools/call", "tools/call"]);
      assertEquals(proxy.lines.length, 3, "the client does not see the proxy's own requests");
      const inSession = ({ headers }: ScriptedRequest) => headers["mcp-session-id"] === "session-1";
      assertEquals(server.received("tools/list").every(inSession), true);
    }));
}

Deno.test("tools that the client has listed are not listed again for Mcp-Param headers", () =>
  withProxy({
    "tools/list": (request) => reply(request, { tools: [MARKED] }),
    "tools/call": wantsHeader(REJECTIONS["a 400"]),
  }, async ({ proxy, server }) => {
    await proxy.send({ jsonrpc: "2.0", id: 1, method: "tools/list" });
    assertEquals((await proxy.response(1)).message, result(1, { tools: [MARKED] }));
    await proxy.send(call(2, "a", { x: "ü" }));
    // The test server compares with the raw argument, so that this one stays rejected.
    assertEquals((await proxy.response(2)).message.error.code, -32020);
    await proxy.send(call(3, "a", { x: "3" }));
    assertEquals((await proxy.response(3)).message, result(3, { n: 1 }));
    assertEquals(server.received("tools/call")[0].headers["mcp-param-x"], "=?base64?w7w=?=");
  }));

Deno.test("a stream that breaks after an id without data is resumed from that id", () => {
  const body = openBody();
  return withProxy({
    "tools/call": () => body.response,
    GET: (request) =>
      request.headers["last-event-id"] === undefined
        ? new Response(null, { status: 405 })
        : sse(result(1, { from: request.headers["last-event-id"] })),
  }, async ({ proxy }) => {
    await proxy.send(call(1));
    body.send("retry: 10\n" + event({ jsonrpc: "2.0", method: "notifications/x" }, "e1"));
    await proxy.next();
    body.send("id: e2\n\n");
    body.end();
    assertEquals((await proxy.response(1)).message, result(1, { from: "e2" }));
  });
});
