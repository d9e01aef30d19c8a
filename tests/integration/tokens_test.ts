import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { startAuthorizationServer } from "../parts/authorization_server.ts";
import { call, notification, result, type Scripted, withProxy } from "../parts/scripted_proxy.ts";
import { accepted, html, jsonText, reply, token } from "../parts/scripted_answers.ts";
import type { Answer, ScriptedRequest } from "../parts/scripted_server.ts";

/** Sends so many calls in one breath and takes their answers. */
async function callAll({ proxy }: Scripted, count: number) {
  const ids = Array.from({ length: count }, (_, index) => index);
  await proxy.send(ids.map((id) => JSON.stringify(call(id))).join("\n"));
  return await Promise.all(ids.map((id) => proxy.response(id)));
}

/** A token endpoint that gives `token-1`, `token-2` and so on, and who used which of them. */
function numberedTokens(members: Record<string, unknown> = {}): Answer {
  let number = 0;
  return () => token({ access_token: `token-${++number}`, ...members });
}

const refused = () =>
  new Response(null, { status: 401, headers: { "www-authenticate": "Bearer" } });

/** A server that refuses these tokens. */
function refusing(...tokens: string[]): Answer {
  return (request) =>
    tokens.some((token) => request.headers.authorization === `Bearer ${token}`)
      ? refused()
      : reply(request, {});
}

const form = ({ body }: ScriptedRequest) => new URLSearchParams(body);

/** The pair in a Basic header, decoded as RFC 6749 section 2.3.1 wants it. */
function basicCredentials({ headers }: ScriptedRequest): string[] {
  const pair = atob(headers.authorization!.replace("Basic ", ""));
  return pair.split(":").map((part) => decodeURIComponent(part.replaceAll("+", " ")));
}

Deno.test("the token request is a client credentials grant with the secret in the body", () =>
  withProxy({}, ({ server }) => {
    const [request, ...more] = server.received("token");
    assertEquals(more, []);
    assertEquals(request.method, "POST");
    assertEquals(
      request.headers["content-type"]?.split(";")[0],
      "application/x-www-form-urlencoded",
    );
    assertEquals(request.headers.authorization, undefined);
    assertEquals(Object.fromEntries(form(request)), {
      grant_type: "client_credentials",
      client_id: "test-client",
      client_secret: "test-secret",
    });
  }));

Deno.test("the token request contains the scope, the resource and additional parameters", () =>
  withProxy({}, ({ server }) => {
    const parameters = form(server.received("token")[0]);
    assertEquals(parameters.get("scope"), "mcp:tools mcp:admin");
    assertEquals(parameters.get("resource"), "https://mcp.example.com/mcp?x=1&y");
    assertEquals(parameters.getAll("audience"), ["a b", "c&d"]);
  }, {
    env: {
      MCP_SCOPE: "  mcp:tools   mcp:admin ",
      MCP_RESOURCE: "https://mcp.example.com/mcp?x=1&y",
      MCP_TOKEN_PARAMS: "audience=a%20b&audience=c%26d",
    },
  }));

Deno.test("one token request serves however many messages wait for it, and those that follow", async () => {
  const release = Promise.withResolvers<void>();
  await withProxy({
    token: async () => {
      await release.promise;
      return token();
    },
  }, async (scripted) => {
    const answers = callAll(scripted, 50);
    await scripted.server.requests.until(({ name }) => name === "token");
    release.resolve();
    assertEquals((await answers).map(({ message }) => message.result), Array(50).fill({}));
    await callAll(scripted, 50);
    assertEquals(scripted.server.received("token").length, 1);
  }, { revision: null });
});

for (
  const [what, members] of Object.entries<Record<string, unknown>>({
    "lives 10 s": { expires_in: 10 },
    "lives 1 s": { expires_in: 1 },
    "does not say how long it lives": { expires_in: undefined },
    "says so in a string": { expires_in: "300" },
    "lives 0 s, says the server": { expires_in: 0 },
    "is of type bearer": { token_type: "bearer" },
    "is of type BEARER": { token_type: "BEARER" },
    "comes with an ID token": { id_token: "e30.e30." },
    "comes with null for what it has not": { expires_in: null, scope: null, refresh_token: null },
    "comes with its scopes in a list": { scope: ["read", "write"] },
  })
) {
  Deno.test(`a token that ${what} serves many messages`, () =>
    withProxy({ token: numberedTokens(members) }, async (scripted) => {
      for (const { message } of await callAll(scripted, 20)) assertEquals(message.result, {});
      // Were it one request per message, there would be more than twenty.
      assert(scripted.server.received("token").length < 10);
    }));
}

Deno.test("a 401 leads to one new token and one retry, which the client does not see", () =>
  withProxy(
    { token: numberedTokens(), "tools/call": refusing("token-1") },
    async ({ proxy, server }) => {
      await proxy.send(call(1));
      assertEquals((await proxy.next()).message, result(1));
      await proxy.send(call(2));
      assertEquals((await proxy.next()).message, result(2));
      assertEquals(server.received("token").length, 2);
      assertEquals(
        server.received("tools/call").map(({ headers }) => headers.authorization),
        ["Bearer token-1", "Bearer token-2", "Bearer token-2"],
      );
      const bodies = server.received("tools/call").map(({ body }) => body);
      assertEquals(bodies[0], bodies[1]);
    },
  ));

Deno.test("many messages that are refused together ask for one new token", () =>
  withProxy(
    { token: numberedTokens(), "tools/call": refusing("token-1") },
    async (scripted) => {
      for (const { message } of await callAll(scripted, 20)) assertEquals(message.result, {});
      assertEquals(scripted.server.received("token").length, 2);
    },
  ));

Deno.test("a notification that is refused for its token is sent again with a new one", () =>
  withProxy({
    token: numberedTokens(),
    "notifications/progress": ({ headers }) =>
      headers.authorization === "Bearer token-1" ? refused() : accepted(),
  }, async ({ proxy, server }) => {
    await proxy.send(notification("notifications/progress"));
    const { headers } = await server.requests
      .until(({ name }) => name === "notifications/progress", 2);
    assertEquals(headers.authorization, "Bearer token-2");
  }));

Deno.test("a second 401 is reported, not retried", () =>
  withProxy({ "tools/call": refused }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    const { message: { error } } = await proxy.response(1);
    assertEquals(error.code, -31002);
    assertMatch(error.message, /\b401\b/);
    assertEquals([error.data.reason, error.data.status], ["unauthorized", 401]);
    assertEquals(server.received("tools/call").length, 2);
    assertEquals(server.received("token").length, 2);
  }));

Deno.test("a 401 whose body is a JSON-RPC error is about the token all the same", () =>
  withProxy({
    "tools/call": () =>
      jsonText('{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Who are you?"}}', {
        status: 401,
      }),
  }, async ({ proxy }) => {
    await proxy.send(call(1));
    const { message: { error } } = await proxy.response(1);
    assertEquals([error.code, error.data.status], [-31002, 401]);
  }));

/** Failures of the token endpoint that may pass. */
const PASSING: Readonly<Record<string, Answer>> = {
  "429": () => new Response(null, { status: 429, headers: { "retry-after": "0" } }),
  "500": () => new Response("Oops", { status: 500, headers: { "retry-after": "0" } }),
  "503 that names a date": () =>
    new Response(null, { status: 503, headers: { "retry-after": new Date().toUTCString() } }),
  "connection that is closed": () => Response.error(),
};

for (const [what, failure] of Object.entries(PASSING)) {
  Deno.test(`a token request that meets a ${what} is tried again`, () => {
    const answers = [failure, () => token()];
    return withProxy(
      { token: (request) => answers.shift()!(request) },
      ({ server }) => assertEquals(server.received("token").length, 2),
    );
  });
}

/** What a token endpoint can say for good, and what is said of it. */
const FINAL: Readonly<Record<string, [Answer, says: RegExp, status?: number]>> = {
  "400": [() => new Response(null, { status: 400 }), /400/, 400],
  "403 with a page": [() => html(403), /403.*text\/html/, 403],
  "404": [() => html(404), /404/, 404],
  "200 with a page": [() => html(), /200.*(JSON|content-type)/i, 200],
  "200 with broken JSON": [() => jsonText('{"access_token":'), /JSON/i, 200],
  "200 with an empty body": [() => jsonText(""), /JSON/i, 200],
  "200 with JSON that is no object": [() => jsonText("[]"), /200/, 200],
  "200 without an access_token": [() => token({ access_token: undefined }), /access_token/, 200],
  "200 with an empty access_token": [() => token({ access_token: "" }), /access_token/, 200],
  "200 with an access_token that is no text": [
    () => token({ access_token: 42 }),
    /access_token/,
    200,
  ],
  "200 with a token_type that is not ours": [() => token({ token_type: "mac" }), /token_type/, 200],
};

for (const [what, [answer, says, status]] of Object.entries(FINAL)) {
  Deno.test(`a token endpoint that answers ${what} is named in the error, and not asked again`, () =>
    withProxy({ token: answer }, async ({ proxy, server }) => {
      await proxy.send(call(1));
      const { message: { error } } = await proxy.response(1);
      assertEquals(error.code, -31001);
      assertStringIncludes(error.message, server.tokenEndpoint);
      assertMatch(error.message, says);
      assertEquals([error.data.reason, error.data.status], ["token", status]);
      assertEquals(error.data.mayHaveRun, false);
      assertEquals([...server.requests].map(({ name }) => name), ["token"]);
    }, { revision: null }));
}

for (const status of [301, 302, 303, 307, 308]) {
  Deno.test(`the credentials do not follow a redirect with ${status}`, () =>
    withProxy({
      token: () => new Response(null, { status, headers: { location: "/elsewhere" } }),
    }, async ({ proxy, server }) => {
      await proxy.send(call(1));
      const { message: { error } } = await proxy.response(1);
      assertEquals(error.code, -31001);
      assertStringIncludes(error.message, server.tokenEndpoint);
      assertStringIncludes(error.message, String(status));
      const location = new URL("/elsewhere", server.tokenEndpoint).href;
      assertStringIncludes(error.message, `set MCP_AUTH_SERVER_URL=${location}`);
      assertEquals([...server.requests].map(({ name }) => name), ["token"]);
    }, { revision: null }));
}

Deno.test("an OAuth error is reported with its status, error and description, to all who wait", () =>
  withProxy({
    token: () =>
      Response.json(
        { error: "invalid_scope", error_description: "No scope mcp:admin for you" },
        { status: 400, headers: { "www-authenticate": 'Basic realm="x"' } },
      ),
  }, async (scripted) => {
    for (const { message: { error } } of await callAll(scripted, 5)) {
      assertEquals(error.code, -31001);
      assertMatch(error.message, /400 invalid_scope .*No scope mcp:admin for you/);
      assertEquals(error.data.oauthError, "invalid_scope");
      assertEquals(error.data.status, 400);
    }
    const { proxy, server } = scripted;
    assertEquals(server.received("token").length, 1);
    await proxy.logged(/^\[OAuth\] .*400 invalid_scope .*No scope mcp:admin for you/);
  }, { revision: null }));

Deno.test("an OAuth error with the status 200 is one all the same", () =>
  withProxy({
    token: () => Response.json({ error: "invalid_client", error_description: "No such client" }),
  }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    const { message: { error } } = await proxy.response(1);
    assertMatch(error.message, /200 invalid_client \(No such client\) from .*MCP_CLIENT_ID/);
    assertEquals([error.data.oauthError, error.data.status], ["invalid_client", 200]);
    assertEquals(server.received("token").length, 1);
  }, { revision: null }));

Deno.test("a token without a type is used as a bearer token, and the log says so once", () =>
  withProxy(
    { token: numberedTokens({ token_type: undefined }), "tools/call": refusing("token-1") },
    async ({ proxy, server }) => {
      await proxy.send(call(1));
      assertEquals((await proxy.response(1)).message, result(1));
      assertEquals(server.received("token").length, 2);
      await proxy.logged(/^\[OAuth\] .*token_type/);
      assertEquals(proxy.stderr.match(/token_type/g)?.length, 1);
    },
  ));

Deno.test("an answer that breaks the standard is used, and the log says once what is wrong", () => {
  const answer = () =>
    Response.json(
      { access_token: "token-1\n", token_type: "JWT", expires_in: "soon" },
      { status: 201 },
    );
  return withProxy({ token: answer }, async ({ proxy, server }) => {
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message, result(1));
    assertEquals(server.received("tools/call")[0].headers.authorization, "Bearer token-1");
    await proxy.logged(/breaks the standard: .*expires_in/);
    for (const member of ["access_token", "token_type", "expires_in"]) {
      assertEquals(proxy.stderr.split("\n").filter((line) => line.includes(member)).length, 1);
    }
  });
});

Deno.test("when the token endpoint works again, calls succeed again", () => {
  const answers: Answer[] = [
    () => Response.json({ error: "invalid_client" }, { status: 401 }),
    () => token(),
  ];
  return withProxy(
    { token: (request) => answers.shift()!(request) },
    async ({ proxy, server }) => {
      await proxy.send(call(1));
      assertEquals((await proxy.response(1)).message.error.data.oauthError, "invalid_client");
      await proxy.send(call(2));
      assertEquals((await proxy.response(2)).message, result(2));
      assertEquals(server.received("token").length, 2);
    },
    { revision: null },
  );
});

for (const method of ["client_secret_basic", "client_secret_post"] as const) {
  Deno.test(`a secret of every printable character passes oidc-provider by ${method}`, async () => {
    await using authorizationServer = await startAuthorizationServer();
    const { clientId, clientSecret } = authorizationServer.clients[method];
    await withProxy({}, async ({ proxy, server }) => {
      authorizationServer.protect(server.url, []);
      await proxy.send(call(1));
      assertEquals((await proxy.response(1)).message, result(1));
      assertEquals(authorizationServer.tokenRequests.count(({ status }) => status === 200), 1);
    }, {
      revision: null,
      env: {
        MCP_AUTH_SERVER_URL: authorizationServer.tokenEndpoint,
        MCP_AUTH_METHOD: method,
        MCP_CLIENT_ID: clientId,
        MCP_CLIENT_SECRET: clientSecret,
      },
    });
  });

  Deno.test(`id and secret of any characters but control characters arrive intact by ${method}`, () => {
    const id = "café client:1";
    const secret = 'pä$$ wörd:%41+/=&"\\🎉 end';
    return withProxy({}, ({ server }) => {
      const [request] = server.received("token");
      const sent = method === "client_secret_basic"
        ? basicCredentials(request)
        : [form(request).get("client_id"), form(request).get("client_secret")];
      assertEquals(sent, [id, secret]);
      assertEquals(form(request).has("client_secret"), method === "client_secret_post");
    }, { env: { MCP_AUTH_METHOD: method, MCP_CLIENT_ID: id, MCP_CLIENT_SECRET: secret } });
  });
}

Deno.test("Basic does not encode characters that form encoding keeps, for servers that do not decode", () =>
  withProxy({}, ({ server }) => {
    const pair = atob(server.received("token")[0].headers.authorization!.replace("Basic ", ""));
    assertEquals(pair, "my-client_1.x*:my-secret_1.x*");
  }, {
    env: {
      MCP_AUTH_METHOD: "client_secret_basic",
      MCP_CLIENT_ID: "my-client_1.x*",
      MCP_CLIENT_SECRET: "my-secret_1.x*",
    },
  }));
