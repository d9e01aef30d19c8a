import { assert, assertEquals, assertMatch } from "@std/assert";
import { startProxy } from "../parts/proxy.ts";
import { call, withProxy } from "../parts/scripted_proxy.ts";
import { initializeResult, reply, token } from "../parts/scripted_answers.ts";
import {
  type Answer,
  type ScriptedRequest,
  startScriptedServer,
} from "../parts/scripted_server.ts";

/** What the log says of a client and a server that need no bridge. */
const SAME_ERA =
  "The client speaks MCP 2025-11-25 or earlier, the server MCP 2025-11-25 or earlier: no bridge is needed";

Deno.test("the log of a normal run has version 1's lines, the eras of both sides, and totals at the end", () =>
  withProxy({}, async ({ proxy, server }) => {
    await proxy.send(call(1));
    await proxy.response(1);
    await proxy.closeStdin();
    await proxy.status;
    const [sums, ...others] = proxy.stderr.trimEnd().split("\n").reverse();
    assertMatch(
      sums,
      /^\[OAuth Proxy\] Ended requests=2 failed=0 retries=0 tokens=1 seconds=\d+$/,
    );
    assertEquals(others.reverse(), [
      "[OAuth Proxy] Initialized with:",
      "  Client ID: test-client",
      "  Client Secret length: 11",
      `  Auth Server: ${server.tokenEndpoint}`,
      `  MCP Server: ${server.url}`,
      "[OAuth Proxy] Starting STDIO proxy...",
      "[OAuth] Token fetched successfully (expires in 300s)",
      `[OAuth Proxy] ${SAME_ERA}`,
    ]);
  }));

Deno.test("each line of the JSON log has its own scope, also if its text mentions OAuth", () =>
  withProxy({}, async ({ proxy }) => {
    await proxy.closeStdin();
    await proxy.status;
    const lines = proxy.stderr.trimEnd().split("\n").map((line) => JSON.parse(line));
    const asking = lines.find(({ message }) => message === "Requesting a token");
    assertEquals([asking.scope, asking.scopes], ["OAuth", "a b"]);
    assertEquals(
      lines.filter(({ scope }) => !["OAuth", "OAuth Proxy", "HTTP"].includes(scope)),
      [],
    );
  }, { env: { MCP_SCOPE: "a b", MCP_LOG_LEVEL: "debug", MCP_LOG_FORMAT: "json" } }));

Deno.test("an answer without a token counts as none", () =>
  withProxy({ token: () => token({ access_token: undefined }) }, async ({ proxy }) => {
    await proxy.send(call(1));
    await proxy.response(1);
    await proxy.closeStdin();
    await proxy.status;
    assertMatch(proxy.stderr, /Ended requests=1 failed=1 retries=0 tokens=0 seconds=/);
  }, { revision: null }));

Deno.test("a token without a lifetime is logged without one", () =>
  withProxy({ token: () => token({ expires_in: undefined }) }, async ({ proxy }) => {
    assertEquals(
      await proxy.logged("Token fetched"),
      "[OAuth] Token fetched successfully",
    );
  }));

Deno.test("the JSON log has one object per line, with time, level, scope, message and the values", () =>
  withProxy({}, async ({ proxy, server }) => {
    await proxy.send(call(1));
    await proxy.response(1);
    await proxy.closeStdin();
    await proxy.status;
    const lines = proxy.stderr.trimEnd().split("\n").map((line) => JSON.parse(line));
    for (const { time, level } of lines) {
      assertEquals(new Date(time).toISOString(), time);
      assertEquals(level, "info");
    }
    const { seconds, ...sums } = lines.pop();
    assertEquals(typeof seconds, "number");
    const counts = { requests: 2, failed: 0, retries: 0, tokens: 1 };
    assertEquals(sums, { ...sums, message: "Ended", ...counts });
    assertEquals(lines.map(({ time: _time, level: _level, ...rest }) => rest), [
      {
        scope: "OAuth Proxy",
        message: "Initialized with:",
        clientId: "test-client",
        clientSecretLength: 11,
        authServer: server.tokenEndpoint,
        mcpServer: server.url,
      },
      { scope: "OAuth Proxy", message: "Starting STDIO proxy..." },
      { scope: "OAuth", message: "Token fetched successfully (expires in 300s)" },
      { scope: "OAuth Proxy", message: SAME_ERA },
    ]);
  }, { env: { MCP_LOG_FORMAT: "json" } }));

Deno.test("at level error a normal run logs nothing, and a failure one line", () => {
  const answers = [
    () => token(),
    () => Response.json({ error: "invalid_client" }, { status: 401 }),
  ];
  return withProxy({
    // Without a session there is nothing to end, for which a token would be needed once more.
    initialize: (request) => reply(request, initializeResult(request)),
    token: () => answers.shift()!(),
    "tools/call": () => new Response(null, { status: 401 }),
  }, async ({ proxy }) => {
    assertEquals(proxy.stderr, "");
    await proxy.send(call(1));
    await proxy.response(1);
    await proxy.closeStdin();
    await proxy.status;
    assertMatch(proxy.stderr, /^\[OAuth\] .*401 invalid_client.*\n$/);
  }, { env: { MCP_LOG_LEVEL: "error" } });
});

const SECRET = 's3cret "quoted" +&=%/\\ ünd more';
const TOKEN = "tok3n.with-every_thing~+/==";

/** The forms in which what must not be seen can travel. */
function formsOf(secret: string): string[] {
  const formEncoded = new URLSearchParams({ s: secret }).toString().slice(2);
  return [secret, encodeURIComponent(secret), formEncoded, JSON.stringify(secret).slice(1, -1)];
}

/** All of a request, as careless servers repeat it in their errors. */
const echo = ({ headers, body }: ScriptedRequest) =>
  `You sent ${headers.authorization} and ${body}, that is ${SECRET} ${[
    ...new URLSearchParams(body).values(),
  ]}`;

for (const method of ["client_secret_basic", "client_secret_post"]) {
  for (const format of ["text", "json"]) {
    Deno.test(`secret, header and token stay out of the ${format} log at debug level, and out of errors, by ${method}`, () => {
      const good: Answer = () => token({ access_token: TOKEN });
      const answers: Answer[] = [
        good,
        (request) =>
          Response.json(
            { error: "invalid_client", error_description: `${echo(request)} ${TOKEN}` },
            { status: 401 },
          ),
        good,
        (request) => new Response(echo(request), { status: 403, statusText: SECRET }),
        good,
        (request) => Response.json({ access_token: 42, token_type: echo(request) }),
      ];
      let basic = "";
      return withProxy({
        token: (request) => {
          basic = request.headers.authorization ?? basic;
          return (answers.shift() ?? good)(request);
        },
        // Refusals that repeat the token; each second one comes after the token was renewed.
        "tools/call": (request) => new Response(echo(request), { status: 401 }),
        "tools/list": (request) => reply(request, {}),
      }, async ({ proxy }) => {
        for (const id of [1, 2, 3]) {
          await proxy.send(call(id));
          await proxy.response(id);
          await proxy.send({ jsonrpc: "2.0", id: `list ${id}`, method: "tools/list" });
          await proxy.response(`list ${id}`);
        }
        await proxy.closeStdin();
        await proxy.status;
        const seen = proxy.stderr + proxy.lines.map(({ text }) => text).join("\n");
        const hidden = [
          ...formsOf(SECRET),
          ...formsOf(TOKEN),
          ...(basic ? formsOf(basic.replace("Basic ", "")) : []),
        ];
        for (const text of hidden) assert(!seen.includes(text), `${text} in\n${seen}`);
        assert(seen.includes("[redacted]"), seen);
        assert(method === "client_secret_post" || basic !== "");
      }, {
        env: {
          MCP_CLIENT_SECRET: SECRET,
          MCP_AUTH_METHOD: method,
          MCP_LOG_LEVEL: "debug",
          MCP_LOG_FORMAT: format,
        },
      });
    });
  }
}

Deno.test("a failure of the settings does not show the secret either", async () => {
  const secret = "s3cret in the wrong place";
  await withProxy({}, async ({ proxy }) => {
    assertEquals((await proxy.status).code, 2);
    assert(!proxy.stderr.includes(secret), proxy.stderr);
  }, {
    revision: null,
    args: [secret, `--client-secret=${secret}`, `--what-is-this=${secret}`],
    env: { MCP_CLIENT_SECRET: secret, MCP_HEADERS: `Authorization: ${secret}` },
  });
});

Deno.test("assertions, proofs, API keys and tokens stay out of what careless servers cause", () => {
  const seen: string[] = [];
  const echoed = ({ headers, body }: ScriptedRequest) => {
    const { authorization, dpop, cookie } = headers;
    const form = new URLSearchParams(body);
    const said = [authorization?.split(" ")[1], dpop, headers["x-api-key"], cookie];
    seen.push(
      ...[...said, form.get("client_assertion"), form.get("tenant_password")].filter((text) =>
        text != null
      ),
    );
    return JSON.stringify([headers, body, ...form.values()]);
  };
  const answers: Answer[] = [
    () => token({ access_token: TOKEN, token_type: "DPoP" }),
    (request) =>
      Response.json(
        { error: headerOf(request, "dpop"), error_description: echoed(request) },
        { status: 400 },
      ),
  ];
  return withProxy({
    token: (request) => (answers.length > 1 ? answers.shift()! : answers[0])(request),
    "tools/call": (request) => {
      const location = `http://127.0.0.1:1/?sent=${encodeURIComponent(echoed(request))}`;
      return new Response(null, { status: 307, headers: { location } });
    },
    "tools/list": () => new Response(null, { status: 401 }),
  }, async ({ proxy }) => {
    await proxy.send(call(1));
    await proxy.response(1);
    await proxy.send({ jsonrpc: "2.0", id: 2, method: "tools/list" });
    await proxy.response(2);
    await proxy.closeStdin();
    await proxy.status;
    const shown = proxy.stderr + proxy.lines.map(({ text }) => text).join("\n");
    assert(seen.length >= 6, `${seen}`);
    for (const text of seen.flatMap(formsOf)) assert(!shown.includes(text), `${text} in\n${shown}`);
  }, {
    env: {
      MCP_CLIENT_SECRET: "a-secret-of-at-least-32-characters-",
      MCP_AUTH_METHOD: "client_secret_jwt",
      MCP_DPOP: "true",
      MCP_HEADERS: "X-Api-Key: key/of+the=gateway\nCookie: session=of-the-gateway",
      MCP_TOKEN_PARAMS: "tenant_password=swordfish",
      MCP_LOG_LEVEL: "debug",
    },
  });
});

Deno.test("a key in the server's URL stays out of the log and of errors", async () => {
  const query = "?tenant=one&api_key=the-key-of-the-gateway";
  await using server = await startScriptedServer({
    [`/mcp${query}`]: () => new Response(null, { status: 404 }),
  });
  await using proxy = startProxy({
    env: { ...server.env, MCP_SERVER_URL: server.url + query, MCP_LOG_LEVEL: "debug" },
  });
  await proxy.send(call(1));
  const { text } = await proxy.response(1);
  await proxy.closeStdin();
  await proxy.status;
  for (const shown of [proxy.stderr, text]) {
    assert(shown.includes("?tenant=one&api_key=[redacted]"), shown);
    assert(!shown.includes("the-key-of-the-gateway"), shown);
  }
});

Deno.test("a key in the server's URL is redacted in every encoding", async () => {
  await using server = await startScriptedServer();
  const MCP_SERVER_URL = `${server.url}?api_key=ab/cdEFGH%3D%3D`;
  await using proxy = startProxy({ env: { ...server.env, MCP_SERVER_URL } });
  await proxy.closeStdin();
  await proxy.status;
  assert(proxy.stderr.includes("?api_key=[redacted]"), proxy.stderr);
});

function headerOf({ headers }: ScriptedRequest, name: string): string {
  return headers[name] ?? "";
}
