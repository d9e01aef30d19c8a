import { assertEquals } from "@std/assert";
import { event, openBody, reply } from "../parts/scripted_answers.ts";
import { call, notification, result, withProxy } from "../parts/scripted_proxy.ts";
import type { Scripted } from "../parts/scripted_proxy.ts";
import type { Answer, Script, ScriptedRequest } from "../parts/scripted_server.ts";

// The stream of a response that breaks is resumed (Streamable HTTP, "Resumability and Redelivery").

const isResumption = ({ name, headers }: ScriptedRequest) =>
  name === "GET" && headers["last-event-id"] !== undefined;

/** Answers calls with `first`; resumptions with the others, in turn. The GET stream is not there. */
function resuming(first: Answer, ...others: Answer[]): Script {
  return {
    "tools/call": first,
    GET: (request) => isResumption(request) ? others.shift()!(request) : status(405),
  };
}

const status = (status: number) => new Response(null, { status });

/** A stream that says this and is then cut; what is said has arrived by then. */
async function cutBehind(text: string, { proxy }: Scripted, body = openBody()) {
  body.send(text);
  body.send(event(notification("notifications/message", { data: "said" })));
  await proxy.next(({ message }) => message.params?.data === "said");
  body.cut();
}

function sends(...chunks: string[]): Answer {
  return () => {
    const body = openBody();
    for (const chunk of chunks) body.send(chunk);
    body.end();
    return body.response;
  };
}

const progress = (progress: number) => notification("notifications/progress", { progress });

Deno.test("a stream that breaks after an event with an id is resumed, and the call is not sent again", () => {
  const body = openBody();
  return withProxy(
    resuming(() => body.response, sends(event(progress(2), "e2"), event(result(1), "e3"))),
    async (scripted) => {
      const { proxy, server } = scripted;
      await proxy.send(call(1));
      await cutBehind("retry: 10\n" + event(progress(1), "e1"), scripted, body);
      assertEquals((await proxy.next()).message, progress(1));
      assertEquals((await proxy.next()).message, progress(2));
      assertEquals((await proxy.next()).message, result(1));
      const { headers } = await server.requests.until(isResumption);
      assertEquals(headers["last-event-id"], "e1");
      assertEquals(headers["mcp-session-id"], "session-1");
      assertEquals(headers.accept, "text/event-stream");
      assertEquals(headers.authorization, "Bearer test-token");
      assertEquals(server.received("tools/call").length, 1);
    },
  );
});

Deno.test("a stream that is closed gracefully before the response is resumed", () =>
  withProxy(
    resuming(
      sends("retry: 1\nid: e1\ndata:\n\n"),
      sends(event(progress(1), "e2")),
      sends("id: e3\ndata:\n\n"),
      sends(event(result(1))),
    ),
    async ({ proxy, server }) => {
      await proxy.send(call(1));
      assertEquals((await proxy.next()).message, progress(1));
      assertEquals((await proxy.next()).message, result(1));
      const resumptions = server.received("GET").filter(isResumption);
      assertEquals(resumptions.map(({ headers }) => headers["last-event-id"]), ["e1", "e2", "e3"]);
    },
  ));

Deno.test("a resumption that fails is tried again, also with a new token", () => {
  const tried: Answer[] = [
    () => Response.error(),
    () => status(503),
    () => status(401),
    sends(event(result(1))),
  ];
  return withProxy(
    resuming(sends("retry: 1\nid: e1\ndata:\n\n"), ...tried),
    async ({ proxy, server }) => {
      await proxy.send(call(1));
      assertEquals((await proxy.next()).message, result(1));
      assertEquals(server.received("token").length, 2);
    },
  );
});

Deno.test("what the server sends twice on resumption is answered once", () =>
  withProxy(
    resuming(
      sends("retry: 1\n" + event(progress(1), "e1")),
      sends(event(result(1), "e2"), event(result(1), "e3")),
    ),
    async ({ proxy }) => {
      await proxy.send(call(1));
      await proxy.response(1);
      await proxy.send({ jsonrpc: "2.0", id: 2, method: "ping" });
      await proxy.response(2);
      assertEquals(proxy.lines.map(({ message }) => message.id).filter((id) => id === 1), [1]);
    },
  ));

Deno.test("a server's question on a resumed stream is answered", async () => {
  const second = openBody();
  await withProxy(
    resuming(sends("retry: 1\nid: e1\ndata:\n\n"), () => second.response),
    async ({ proxy, server }) => {
      await proxy.send(call(1));
      await server.requests.until(isResumption);
      const question = { jsonrpc: "2.0", id: "q", method: "elicitation/create", params: {} };
      second.send(event(question, "e2"));
      assertEquals((await proxy.next()).message, question);
      await proxy.send(result("q", { action: "decline" }));
      await server.requests.until(({ name }) => name === "response");
      second.send(event(result(1), "e3"));
      assertEquals((await proxy.next()).message, result(1));
    },
  );
});

for (
  const [what, answer] of Object.entries<Answer>({
    "has no GET": () => status(405),
    "does not know the event": () => status(404),
    "answers with something else": () => Response.json({}),
  })
) {
  Deno.test(`if the server ${what}, the error of the call says that it may have run`, () =>
    withProxy(
      resuming(
        sends("retry: 1\n" + event(progress(1), "e1")),
        ...Array.from({ length: 12 }, () => answer),
      ),
      async ({ proxy, server }) => {
        await proxy.send(call(1));
        const { data } = (await proxy.response(1)).message.error;
        assertEquals([data.reason, data.mayHaveRun], ["interrupted", true]);
        assertEquals(server.received("tools/call").length, 1);
      },
    ));
}

Deno.test("a call that is cancelled while its stream is down is not resumed", () => {
  const first = openBody();
  return withProxy(resuming(() => first.response), async (scripted) => {
    const { proxy, server } = scripted;
    await proxy.send(call(1));
    await cutBehind("retry: 60000\n" + event(progress(1), "e1"), scripted, first);
    await proxy.send(notification("notifications/cancelled", { requestId: 1 }));
    await server.requests.until(({ name }) => name === "notifications/cancelled");
    await proxy.closeStdin();
    assertEquals((await proxy.status).code, 0);
    assertEquals(server.received("GET").filter(isResumption), []);
    assertEquals(proxy.lines.map(({ message }) => message.id).includes(1), false);
  });
});

Deno.test("a read-only request is repeated if its stream cannot be resumed", () => {
  const answers: Answer[] = [
    sends("retry: 1\nid: e1\ndata:\n\n"),
    (request) => reply(request, { tools: [] }),
  ];
  return withProxy({
    "tools/list": (request) => answers.shift()!(request),
    GET: () => status(405),
  }, async ({ proxy, server }) => {
    await proxy.send({ jsonrpc: "2.0", id: 1, method: "tools/list" });
    assertEquals((await proxy.next()).message, result(1, { tools: [] }));
    assertEquals(server.received("tools/list").length, 2);
  });
});

Deno.test("initialize itself is resumed", () =>
  withProxy({
    initialize: () => {
      const body = openBody({
        headers: { "content-type": "text/event-stream", "mcp-session-id": "session-1" },
      });
      body.send("retry: 1\nid: e1\ndata:\n\n");
      body.end();
      return body.response;
    },
    GET: (request) =>
      isResumption(request)
        ? sends(event(result("initialize", { protocolVersion: "2025-06-18" })))(request)
        : status(405),
  }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    await proxy.response(1);
    const [request] = server.received("tools/call");
    assertEquals(request.headers["mcp-session-id"], "session-1");
    assertEquals(request.headers["mcp-protocol-version"], "2025-06-18");
  }));
