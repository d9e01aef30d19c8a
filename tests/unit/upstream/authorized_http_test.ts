import { assertEquals, assertRejects } from "@std/assert";
import type { Authorization } from "../../../src/auth/authorization.ts";
import { ProxyError } from "../../../src/errors.ts";
import type { HttpRequest } from "../../../src/runtime/types.ts";
import { authorizedHttp } from "../../../src/upstream/authorized_http.ts";
import { fakeHttp } from "../../parts/fake_http.ts";

const URL_ = "https://mcp.example.com/mcp";
const REQUEST: HttpRequest = { method: "POST", url: URL_, headers: {}, body: "{}" };

/** An authorization with numbered tokens, which says to each challenge that it is worth a try. */
function numbered(more = true): Authorization & { challenges: number } {
  let number = 1;
  return {
    challenges: 0,
    token: () => Promise.resolve({ accessToken: `token-${number}` }),
    challenged() {
      number++;
      this.challenges++;
      return Promise.resolve(more);
    },
  };
}

/** A server that answers with these, one after the other, the last one for ever. */
function answering(...answers: [status: number, challenge?: string][]) {
  const tokens: (string | undefined)[] = [];
  const { http } = fakeHttp({
    [URL_]: ({ headers }) => {
      tokens.push(headers.authorization);
      const [status, challenge] = answers.length > 1 ? answers.shift()! : answers[0];
      return new Response(`body ${tokens.length}`, {
        status,
        headers: challenge ? { "www-authenticate": challenge } : {},
      });
    },
  });
  return { http, tokens };
}

const SCOPES = 'Bearer error="insufficient_scope", scope="more"';

Deno.test("the first 401 leads to a new token; the second 401 is the answer, with its body", async () => {
  const { http, tokens } = answering([401, "Bearer"]);
  const response = await authorizedHttp(http, numbered())(REQUEST);
  assertEquals([response.status, await response.text()], [401, "body 2"]);
  assertEquals(tokens, ["Bearer token-1", "Bearer token-2"]);
});

Deno.test("a 403 with missing scopes leads to two new tokens; the third 403 is the answer", async () => {
  const { http, tokens } = answering([403, SCOPES]);
  const response = await authorizedHttp(http, numbered())(REQUEST);
  assertEquals(response.status, 403);
  assertEquals(tokens, ["Bearer token-1", "Bearer token-2", "Bearer token-3"]);
});

Deno.test("a 403 for any other reason is the answer at once", async () => {
  const { http } = answering([403, "Bearer"]);
  const authorization = numbered();
  assertEquals((await authorizedHttp(http, authorization)(REQUEST)).status, 403);
  assertEquals(authorization.challenges, 0);
});

Deno.test("a refusal is the answer, with its body, if the authorization has no other token", async () => {
  const { http } = answering([403, SCOPES]);
  const response = await authorizedHttp(http, numbered(false))(REQUEST);
  const chunks = [];
  for await (const chunk of response.body!) chunks.push(new TextDecoder().decode(chunk));
  assertEquals([response.status, chunks.join("")], [403, "body 1"]);
});

Deno.test("a message that was cancelled does not wait for its token", async () => {
  const { http } = answering([200]);
  const never: Authorization = {
    token: () => new Promise(() => {}),
    challenged: () => Promise.resolve(false),
  };
  const given = new AbortController();
  const sent = authorizedHttp(http, never)({ ...REQUEST, signal: given.signal });
  given.abort(new Error("given up"));
  await assertRejects(() => sent, Error, "given up");
});

/** Redirects of this kind from the endpoint to there, which answers with the method it was asked by. */
function redirecting(status: number, location: string) {
  const seen: string[] = [];
  const { http, asked } = fakeHttp({
    [URL_]: () => new Response(null, { status, headers: { location } }),
    [new URL(location, URL_).href]: ({ method, body, headers }) => {
      seen.push(`${method} ${body} ${headers.authorization}`);
      return new Response("ok");
    },
  });
  return { http, asked, seen };
}

for (const status of [301, 302, 307, 308]) {
  Deno.test(`a redirect (${status}) within the server's origin is followed with body and token`, async () => {
    const { http, seen } = redirecting(status, "/mcp/?x=1");
    assertEquals(await (await authorizedHttp(http, numbered())(REQUEST)).text(), "ok");
    assertEquals(seen, ["POST {} Bearer token-1"]);
  });

  for (
    const location of [
      "https://evil.example/mcp",
      "//evil.example/mcp",
      "http://mcp.example.com/mcp",
    ]
  ) {
    Deno.test(`a redirect (${status}) to ${location} is not followed, and the error says so`, async () => {
      const { http, asked } = redirecting(status, location);
      const error = await assertRejects(
        () => authorizedHttp(http, numbered())(REQUEST),
        ProxyError,
        "MCP_SERVER_URL",
      ) as ProxyError;
      assertEquals(error.data.status, status);
      assertEquals(asked, [`POST ${URL_}`]);
    });
  }
}

Deno.test("a message answered with 303 is not sent again, and may have run", async () => {
  const { http, asked } = redirecting(303, "/result");
  const error = await assertRejects(
    () => authorizedHttp(http, numbered())(REQUEST),
    ProxyError,
  ) as ProxyError;
  assertEquals([error.data.mayHaveRun, asked.length], [true, 1]);
});

Deno.test("a redirect loop ends with an error", async () => {
  const again = () => new Response(null, { status: 307, headers: { location: "/mcp" } });
  const { http, asked } = fakeHttp({ [URL_]: again });
  await assertRejects(() => authorizedHttp(http, numbered())(REQUEST), ProxyError);
  assertEquals(asked.length, 4);
});
