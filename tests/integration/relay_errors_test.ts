import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { NOWHERE } from "../parts/nowhere.ts";
import {
  call,
  initialize,
  notification,
  result,
  type Scripted,
  withProxy,
} from "../parts/scripted_proxy.ts";
import {
  chunked,
  event,
  html,
  initializeResult,
  jsonText,
  openBody,
  reply,
  sse,
} from "../parts/scripted_answers.ts";
import { type Answer, startScriptedServer } from "../parts/scripted_server.ts";

/** The proxy is alive and well: another call is answered. */
async function assertStillWorks({ proxy }: Scripted) {
  await proxy.send(call("still there", "works"));
  assertEquals((await proxy.response("still there")).message, result("still there"));
}

/** A server without sessions, where 404 is just a status, that answers calls as the test says. */
function withAnswers(
  answer: Answer,
  test: (scripted: Scripted) => Promise<void>,
): Promise<void> {
  return withProxy({
    initialize: (request) => reply(request, initializeResult(request)),
    "tools/call": (request) =>
      request.message.params.name === "works" ? reply(request, {}) : answer(request),
  }, async (scripted) => {
    await test(scripted);
    await assertStillWorks(scripted);
  });
}

const NO_JSON = [
  "{",
  "not json",
  '{"jsonrpc":"2.0","id":1,"method":"a"',
  "{'a':1}",
  '"open',
  "\u0000",
];

Deno.test("a line that is not JSON gets -32700 with id null and is not sent", () =>
  withProxy({}, async (scripted) => {
    const { proxy, server } = scripted;
    for (const line of NO_JSON) {
      await proxy.send(line);
      const { message } = await proxy.next();
      assertEquals([message.jsonrpc, message.id, message.error.code], ["2.0", null, -32700]);
    }
    await assertStillWorks(scripted);
    assertEquals(server.received("tools/call").length, 1);
  }));

const NO_MESSAGE: readonly [line: string, ids: unknown[]][] = [
  ["{}", [null]],
  ["[]", [null]],
  ["42", [null]],
  ['"text"', [null]],
  ["null", [null]],
  ["true", [null]],
  ['{"id":1}', [null]],
  ['{"jsonrpc":"2.0","id":1}', [null]],
  ['{"jsonrpc":"1.0","id":5,"method":"a"}', [5]],
  ['{"id":"five","method":"a"}', ["five"]],
  ['{"jsonrpc":"2.0","id":null,"method":"a"}', [null]],
  ['{"jsonrpc":"2.0","id":{},"method":"a"}', [null]],
  ['{"jsonrpc":"2.0","id":[1],"method":"a"}', [null]],
  ['{"jsonrpc":"2.0","id":true,"method":"a"}', [null]],
  ['{"jsonrpc":"2.0","id":6,"method":7}', [6]],
  ['{"jsonrpc":"2.0","method":null}', [null]],
  ["[1,2]", [null]],
  ['[{"jsonrpc":"2.0","id":8,"method":"a"},1]', [8]],
];

Deno.test("JSON that is not a message gets -32600 with its id, if it has one, and nothing is sent", () =>
  withProxy({}, async (scripted) => {
    const { proxy, server } = scripted;
    for (const [line, ids] of NO_MESSAGE) {
      await proxy.send(line);
      for (const id of ids) {
        const { message } = await proxy.next();
        assertEquals([message.id, message.error.code], [id, -32600], line);
      }
    }
    await assertStillWorks(scripted);
    assertEquals(server.received("tools/call").length, 1);
  }));

for (const status of [400, 403, 404, 409, 500]) {
  Deno.test(`a JSON-RPC error with status ${status} is passed on as it is`, () => {
    const error = '{"code":-32602,"message":"No such tool","data":{"big":9007199254740993}}';
    const bodies = [
      `{"jsonrpc":"2.0","id":1,"error":${error}}`,
      `{\n  "error": ${error},\n  "id": 1, "jsonrpc": "2.0" }\n`,
    ];
    return withAnswers(() => jsonText(bodies.shift()!, { status }), async ({ proxy }) => {
      await proxy.send(call(1));
      assertEquals((await proxy.next()).text, `{"jsonrpc":"2.0","id":1,"error":${error}}`);
      await proxy.send(call(1));
      assertEquals(
        (await proxy.next()).text,
        `{  "error": ${error},  "id": 1, "jsonrpc": "2.0" }`,
      );
    });
  });
}

Deno.test("a JSON-RPC error that names no id, or another, is still the answer to the request", () => {
  const ids = ['"id":null,', "", '"id":"server-error",'];
  const answers = ids.flatMap((id) => {
    const body = `{"jsonrpc":"2.0",${id}"error":{"code":-32000,"message":"no"}}`;
    return [jsonText(body, { status: 400 }), jsonText(body), chunked([`data: ${body}\n\n`])];
  });
  return withAnswers(() => answers.shift()!, async ({ proxy }) => {
    while (answers.length > 0) {
      await proxy.send(call("mine"));
      const { message } = await proxy.response("mine");
      assertEquals(message.error, { code: -32000, message: "no" });
    }
  });
});

/** What is said of a status: our code, our word, and whether the server may have acted. */
const STATUSES: readonly [
  status: number,
  code: number,
  reason: string,
  mayHaveRun: boolean,
][] = [
  [301, -31004, "http_status", false],
  [302, -31004, "http_status", false],
  [307, -31004, "http_status", false],
  [308, -31004, "http_status", false],
  [400, -31004, "http_status", false],
  [403, -31002, "unauthorized", false],
  [404, -31004, "http_status", false],
  [405, -31004, "http_status", false],
  [406, -31004, "http_status", false],
  [413, -31004, "http_status", false],
  [415, -31004, "http_status", false],
  [418, -31004, "http_status", false],
  [500, -31004, "http_status", true],
  [502, -31004, "http_status", true],
  [503, -31004, "http_status", true],
  [504, -31004, "http_status", true],
];

Deno.test("any other status is named in the error, with the id, for people and for programs", () => {
  let status = 0;
  const answer = () =>
    new Response(html().body, {
      status,
      headers: { "content-type": "text/html", location: "http://127.0.0.2:9/elsewhere" },
    });
  return withAnswers(answer, async ({ proxy, server }) => {
    for (const [next, code, reason, mayHaveRun] of STATUSES) {
      status = next;
      const before = server.received("tools/call").length;
      await proxy.send(call(status));
      const { message: { error } } = await proxy.response(status);
      assertStringIncludes(error.message, String(status));
      assertEquals(error.code, code, error.message);
      assertEquals(error.data, { source: "mcp-oauth-proxy", reason, status, mayHaveRun });
      assertEquals(server.received("tools/call").length - before, 1, `sent once: ${status}`);
    }
    assertEquals(server.received("/elsewhere").length, 0, "a redirect is not followed");
  });
});

Deno.test("an error without a body or with a body that is not JSON is handled", () => {
  const bodies = [null, "", "{", "null", "[]", '{"error":"invalid"}', '{"jsonrpc":"2.0","id":1}'];
  return withAnswers(() => new Response(bodies.shift(), { status: 400 }), async ({ proxy }) => {
    while (bodies.length > 0) {
      await proxy.send(call(1));
      const { error } = (await proxy.response(1)).message;
      assertEquals([error.code, error.data.status], [-31004, 400]);
    }
  });
});

/** Successes that are none. */
const NO_ANSWERS: Readonly<Record<string, [Answer, reason: string, code: number]>> = {
  "200 with an empty body": [() => jsonText(""), "bad_response", -31005],
  "200 with no body and no type": [() => new Response(null), "bad_response", -31005],
  "200 with broken JSON": [() => jsonText('{"jsonrpc":"2.0",'), "bad_response", -31005],
  "200 with JSON that is no message": [() => jsonText('{"ok":true}'), "bad_response", -31005],
  "200 with an empty batch": [() => jsonText("[]"), "bad_response", -31005],
  "200 with a result for another id": [() => Response.json(result("x")), "bad_response", -31005],
  "200 with a notification only": [
    () => Response.json(notification("notifications/progress")),
    "bad_response",
    -31005,
  ],
  "200 with a page": [() => html(), "bad_response", -31005],
  "202 to a request": [() => new Response(null, { status: 202 }), "bad_response", -31005],
  "204 to a request": [() => new Response(null, { status: 204 }), "bad_response", -31005],
  "an empty stream": [() => chunked([]), "interrupted", -31006],
  "a stream that ends before the response": [
    () => sse(notification("notifications/progress")),
    "interrupted",
    -31006,
  ],
  "a stream that ends in the middle of the response": [
    () => chunked(['data: {"jsonrpc":"2.0","id":1,"resu']),
    "interrupted",
    -31006,
  ],
  "a stream of broken JSON": [() => chunked(["data: {\n\n"]), "interrupted", -31006],
  "a connection closed without an answer": [() => Response.error(), "interrupted", -31006],
};

for (const [name, [answer, reason, code]] of Object.entries(NO_ANSWERS)) {
  Deno.test(`${name} is an error with the id of the request, which is not sent again`, () =>
    withAnswers(answer, async ({ proxy, server }) => {
      await proxy.send(call(1));
      const { message } = await proxy.response(1);
      assertEquals(message.error.code, code, message.error.message);
      assertEquals(message.error.data.reason, reason);
      assertEquals(message.error.data.mayHaveRun, true);
      assertEquals(server.received("tools/call").length, 1);
    }));
}

for (const type of ["text/event-stream", "application/json"]) {
  Deno.test(`a ${type} body that is cut is an error with the id of the request`, async () => {
    const body = openBody({ headers: { "content-type": type } });
    await withAnswers(() => body.response, async ({ proxy, server }) => {
      await proxy.send(call(1));
      await server.requests.until(({ name }) => name === "tools/call");
      body.send(type === "application/json" ? '{"jsonrpc":' : event(notification("a")));
      if (type !== "application/json") await proxy.next();
      body.cut();
      const { message } = await proxy.response(1);
      assertEquals([message.error.code, message.error.data.reason], [-31006, "interrupted"]);
      assertEquals(server.received("tools/call").length, 1);
    });
  });
}

Deno.test("after a 429, the request is repeated at the time that the server names", () => {
  const answers = [429, 429];
  return withProxy({
    "tools/call": (request) => {
      const status = answers.shift();
      return status
        ? new Response(null, { status, headers: { "retry-after": "0" } })
        : reply(request, {});
    },
  }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.next()).message, result(1));
    assertEquals(server.received("tools/call").length, 3);
  });
});

Deno.test("an unreachable server is an error that says that a retry is safe", async () => {
  await using server = await startScriptedServer();
  const unreachable = (url: string) =>
    withProxy({}, async ({ proxy }) => {
      await proxy.send(initialize());
      const { message: { error } } = await proxy.response("initialize");
      assertEquals(error.code, -31003, error.message);
      assertEquals(error.data, {
        source: "mcp-oauth-proxy",
        reason: "unreachable",
        mayHaveRun: false,
      });
      assertStringIncludes(error.message, url);
    }, {
      revision: null,
      env: { MCP_SERVER_URL: url, MCP_AUTH_SERVER_URL: server.tokenEndpoint },
    });
  await Promise.all([`${NOWHERE}/mcp`, "https://no-such-host.invalid/mcp"].map(unreachable));
});

Deno.test("unusable messages are dropped, and the answer after them is delivered", () =>
  withAnswers(
    ({ message: { id } }) =>
      chunked(["data: {\n\n", "data: 42\n\n", 'data: {"a":1}\n\n', event(result(id))]),
    async ({ proxy }) => {
      await proxy.send(call(1));
      assertEquals((await proxy.next()).message, result(1));
    },
  ));

Deno.test("every line on stdout is JSON-RPC, whatever fails", () =>
  withAnswers(() => Response.error(), async ({ proxy }) => {
    for (const line of ["{", "[]", JSON.stringify(call(1))]) await proxy.send(line);
    for (const id of [null, null, 1]) await proxy.response(id);
    assert(proxy.lines.every(({ message }) => message?.jsonrpc === "2.0"));
  }));
