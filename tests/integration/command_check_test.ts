import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { exportPKCS8, generateKeyPair } from "jose";
import { startAuthorizationServer } from "../parts/authorization_server.ts";
import { createAuthority } from "../parts/certificates.ts";
import { check, type Checked, checkScript, outcomes, withParts } from "../parts/check.ts";
import { startForwardProxy } from "../parts/forward_proxy.ts";
import { startHttpSseServer } from "../parts/http_sse_server.ts";
import { NOWHERE } from "../parts/nowhere.ts";
import { runCommand, withFolder } from "../parts/run_command.ts";
import { HAS_TERMINAL, runOnTerminal } from "../parts/run_on_terminal.ts";
import { html, initializeResult, reply } from "../parts/scripted_answers.ts";
import {
  type Answer,
  type ScriptedRequest,
  startScriptedServer,
} from "../parts/scripted_server.ts";
import { startTlsFront } from "../parts/tls_front.ts";

Deno.test("if the connection works, every step shows its result", () =>
  withParts(async ({ env, issuer, server }) => {
    const checked = await check(env);
    assertEquals(outcomes(checked), [
      "ok: settings",
      "ok: server",
      "ok: challenge",
      "ok: resource metadata",
      "ok: authorization server",
      "ok: client authentication",
      "ok: token",
      "ok: MCP",
      "ok: MCP versions",
      "ok: tools",
    ]);
    const [settings, , challenge, resource, as, method, token, mcp, , tools] = checked.steps;
    assertEquals(settings.environment, Object.keys(env));
    assertStringIncludes(challenge.resourceMetadata, "/.well-known/oauth-protected-resource");
    assertEquals(resource.authorizationServers, [issuer.issuer]);
    assertEquals(as.tokenEndpoint, issuer.tokenEndpoint);
    assertEquals(method.method, "client_secret_basic");
    assertEquals(token.expiresIn, 300);
    assertEquals([token.issuer, token.audience], [issuer.issuer, server.url]);
    assertEquals([mcp.server.name, mcp.revision], ["test-server", "2025-11-25"]);
    assert(tools.tools > 5);
  }));

Deno.test("the output for people has marks and times, and no colours without a terminal", () =>
  withParts(async ({ env }) => {
    const { code, stdout } = await runCommand(["check"], { env });
    assertEquals(code, 0);
    assertMatch(stdout, /^✓ settings +\d+ ms {2}MCP_CLIENT_ID/m);
    assertMatch(stdout, /^✓ token +\d+ ms {2}expires in 300 s/m);
    assertMatch(stdout, /^The connection works/m);
    assert(!stdout.includes("\x1b"));
  }));

Deno.test("neither the secret nor the token is ever shown", () =>
  withParts(async ({ env, issuer }) => {
    for (const MCP_CLIENT_SECRET of [env.MCP_CLIENT_SECRET, "a-wrong-secret"]) {
      const { all } = await check({ ...env, MCP_CLIENT_SECRET });
      assert(!all.includes(MCP_CLIENT_SECRET));
      assert(!/eyJ/.test(all), "a JWT begins with eyJ");
    }
    assert(issuer.tokenRequests.count(() => true) > 0);
  }));

Deno.test("with MCP_AUTH_SERVER_URL, discovery is skipped", () =>
  withParts(async ({ env, issuer }) => {
    const checked = await check({ ...env, MCP_AUTH_SERVER_URL: issuer.tokenEndpoint });
    assertEquals(checked.code, 0);
    assertEquals(outcomes(checked).slice(3, 6), [
      "skipped: resource metadata",
      "skipped: authorization server",
      "ok: client authentication",
    ]);
  }));

Deno.test("all missing settings are reported by their variables", async () => {
  const { code, failure } = await check({});
  assertEquals([code, failure.step], [2, "settings"]);
  assertStringIncludes(failure.next.join("\n"), "MCP_CLIENT_ID");
  assertStringIncludes(failure.next.join("\n"), "MCP_SERVER_URL");
});

Deno.test("a wrong secret: the error of the token endpoint, and which variables to check", () =>
  withParts(async ({ env }) => {
    const { code, failure } = await check({ ...env, MCP_CLIENT_SECRET: "a-wrong-secret" });
    assertEquals([code, failure.step, failure.oauthError], [1, "token", "invalid_client"]);
    assertStringIncludes(failure.tried, "as client_secret_basic");
    // The ID of this client has characters that Basic encodes.
    assertEquals(failure.next, [
      "Check that MCP_CLIENT_ID and the credential (MCP_CLIENT_SECRET) belong together and are " +
      "complete. The secret was sent with client_secret_basic. Some servers do not decode the " +
      "special characters of an ID or a secret there: try MCP_AUTH_METHOD=client_secret_post",
    ]);
  }));

Deno.test("a wrong key: the advice names its variable, not the one of the secret", () =>
  withParts(async ({ env: { MCP_SERVER_URL }, issuer }) => {
    const { clientId: MCP_CLIENT_ID } = issuer.clients.private_key_jwt;
    const { privateKey } = await generateKeyPair("ES256", { extractable: true });
    const MCP_PRIVATE_KEY = await exportPKCS8(privateKey);
    const { failure } = await check({ MCP_SERVER_URL, MCP_CLIENT_ID, MCP_PRIVATE_KEY });
    assertEquals([failure.step, failure.oauthError], ["token", "invalid_client"]);
    assertStringIncludes(failure.next[0], "(MCP_PRIVATE_KEY) belong together");
  }));

Deno.test("a wrong token URL: the advice names the one that the server publishes", () =>
  withParts(async ({ env, issuer }) => {
    const wrong = { ...env, MCP_AUTH_SERVER_URL: `${issuer.issuer}/nothing-here` };
    const { code, failure } = await check(wrong);
    assertEquals([code, failure.step, failure.status], [1, "token", 404]);
    assertStringIncludes(failure.next[0], `MCP_AUTH_SERVER_URL=${issuer.tokenEndpoint}`);
  }));

Deno.test("a token URL that answers with a web page, and a server that publishes no other", async () => {
  const { code, failure } = await checkScript({ token: () => html() });
  assertEquals([code, failure.step], [1, "token"]);
  assertStringIncludes(failure.tried, "200 text/html");
  assertStringIncludes(failure.next[0], "MCP_AUTH_SERVER_URL");
});

Deno.test("a secret that cannot be read is not blamed on the token endpoint", async () => {
  const { failure } = await checkScript({}, {
    MCP_GRANT: "jwt-bearer",
    MCP_ASSERTION_FILE: "/nowhere/assertion",
  });
  assertEquals(failure.step, "token");
  assertStringIncludes(failure.message, "MCP_ASSERTION_FILE");
  assert(!failure.next.join().includes("MCP_AUTH_SERVER_URL"), failure.next.join());
});

Deno.test("a server that is not running: connection refused", async () => {
  const { code, failure } = await check({
    MCP_CLIENT_ID: "test-client",
    MCP_CLIENT_SECRET: "test-secret",
    MCP_SERVER_URL: `${NOWHERE}/mcp`,
    MCP_AUTH_SERVER_URL: `${NOWHERE}/token`,
  });
  assertEquals([code, failure.step], [1, "server"]);
  assertStringIncludes(failure.message, "connection refused");
  assertStringIncludes(failure.next[0], "MCP_SERVER_URL");
});

Deno.test("keys in the query of a URL are hidden, as in the proxy's log", async () => {
  const { all, failure } = await check({
    MCP_CLIENT_ID: "id",
    MCP_CLIENT_SECRET: "a-secret",
    MCP_SERVER_URL: `${NOWHERE}/mcp?tenant=one&api_key=the-key`,
  });
  assertStringIncludes(failure.tried, "/mcp?tenant=one&api_key=[redacted]");
  assert(!all.includes("the-key"), all);
});

Deno.test("an untrusted certificate is refused, and accepted with the user's CA file", () =>
  withFolder(async (folder) => {
    const authority = await createAuthority();
    const identity = await authority.issue("localhost");
    await using server = await startScriptedServer();
    await using front = await startTlsFront(server.url, { identity });
    const origin = `https://localhost:${front.port}`;
    const env = {
      ...server.env,
      MCP_SERVER_URL: `${origin}/mcp`,
      MCP_AUTH_SERVER_URL: `${origin}/token`,
    };
    const { code, failure } = await check(env);
    assertEquals([code, failure.step], [1, "server"]);
    assertStringIncludes(failure.next[0], "MCP_CA_FILE");

    await Deno.writeTextFile(`${folder}/ca.pem`, authority.cert);
    const trusted = await check({ ...env, MCP_CA_FILE: `${folder}/ca.pem` });
    assertEquals(trusted.code, 0);
    assertStringIncludes(trusted.steps[1].message, "over TLS");
  }));

Deno.test("an unknown scope: the advice names the setting that it comes from", async () => {
  const { code, failure } = await checkScript({
    token: () => Response.json({ error: "invalid_scope" }, { status: 400 }),
  }, { MCP_SCOPE: "mcp:everything" });
  assertEquals([code, failure.step, failure.oauthError], [1, "token", "invalid_scope"]);
  assertStringIncludes(
    failure.next[0],
    'The request had the scope "mcp:everything" (from MCP_SCOPE). Set MCP_SCOPE to',
  );
});

Deno.test("an unknown scope from the MCP server's metadata: the advice says so", async () => {
  const origin = ({ headers }: ScriptedRequest) => `http://${headers.host}`;
  await using server = await startScriptedServer({
    initialize: () => new Response(null, { status: 401 }),
    "/.well-known/oauth-protected-resource/mcp": (request) =>
      Response.json({
        resource: `${origin(request)}/mcp`,
        authorization_servers: [origin(request)],
        scopes_supported: ["mcp:tools"],
      }),
    "/.well-known/oauth-authorization-server": (request) =>
      Response.json({
        issuer: origin(request),
        token_endpoint: `${origin(request)}/token`,
        scopes_supported: ["openid"],
      }),
    token: () => Response.json({ error: "invalid_scope" }, { status: 400 }),
  });
  const { MCP_AUTH_SERVER_URL: _, ...env } = server.env;
  const { failure } = await check(env);
  assertEquals(failure.step, "token");
  assertStringIncludes(
    failure.next[0],
    'The request had the scope "mcp:tools" (the MCP server names it). Set MCP_SCOPE to',
  );
});

Deno.test("an insufficient scope: the advice names the one that the server requires", () =>
  withParts(async ({ env }) => {
    const checked = await check({ ...env, MCP_SCOPE: "mcp:admin" });
    const refusal = checked.steps.find(({ step }) => step === "token refused");
    assertStringIncludes(refusal.message, 'lacks the scope "mcp:tools"');
    assertEquals(checked.failure.next, [
      'The token has the scope "mcp:admin": allow this client the scope "mcp:tools" at the ' +
      'authorization server, and set MCP_SCOPE="mcp:admin mcp:tools"',
    ]);
  }, { requiredScopes: ["mcp:tools"] }));

/** A server that requires the scope `admin`, and an authorization server that answers with `token`. */
function checkStepUp(token: Answer): Promise<Checked> {
  return checkScript({
    token: (request) =>
      new URLSearchParams(request.body).get("scope") === "admin"
        ? token(request)
        : Response.json({ access_token: "first", token_type: "Bearer", expires_in: 300 }),
    initialize: (request) =>
      request.headers.authorization === "Bearer second"
        ? reply(request, initializeResult(request))
        : new Response(null, {
          status: 403,
          headers: { "www-authenticate": 'Bearer error="insufficient_scope", scope="admin"' },
        }),
    "tools/list": (request) => reply(request, { tools: [] }),
  });
}

Deno.test("a scope that the server requires later: the advice requests it from the start", async () => {
  const checked = await checkStepUp(() =>
    Response.json({ access_token: "second", token_type: "Bearer", expires_in: 300 })
  );
  assertEquals(checked.code, 0, checked.all);
  const token = checked.steps.findLast(({ step }) => step === "token");
  assertEquals(token.next, ['To request this scope from the start, set MCP_SCOPE="admin"']);
});

Deno.test("a scope that the authorization server refuses: the reason and the advice are shown once", async () => {
  const checked = await checkStepUp(() =>
    Response.json({ error: "invalid_scope" }, { status: 400 })
  );
  assertEquals([checked.failure.step, checked.failure.oauthError], ["token", "invalid_scope"]);
  assertEquals(checked.steps.flatMap(({ next = [] }) => next), [
    'The request had the scope "admin" (the MCP server names it). Set MCP_SCOPE to the scopes ' +
    "that this client has at the authorization server, separated by spaces",
  ]);
});

Deno.test("a token for another audience: the advice names the audience and what to set", () =>
  withParts(async ({ env, issuer, server }) => {
    issuer.protect("https://other.example/mcp", ["mcp:tools"]);
    const { code, failure } = await check({ ...env, MCP_RESOURCE: "https://other.example/mcp" });
    assertEquals([code, failure.step, failure.status], [1, "MCP", 401]);
    const advice = failure.next.join("\n");
    assertStringIncludes(advice, "https://other.example/mcp (aud)");
    assertStringIncludes(advice, `MCP_RESOURCE=${server.url}`);
  }));

Deno.test("an MCP URL without its path: the advice names the right one", () =>
  withParts(async ({ env, server }) => {
    const root = new URL("/", server.url).href;
    const { code, failure } = await check({ ...env, MCP_SERVER_URL: root });
    assertEquals([code, failure.step, failure.status], [1, "MCP", 404]);
    assertEquals(failure.next, [
      `An MCP endpoint answers at another path: set MCP_SERVER_URL=${server.url}`,
    ]);
  }));

Deno.test("a web page instead of an MCP server is reported as such", async () => {
  const page = () => html();
  const { code, failure } = await checkScript({
    initialize: page,
    message: page,
    "server/discover": page,
  });
  assertEquals([code, failure.step], [1, "MCP"]);
  assertStringIncludes(failure.message, "text/html");
});

Deno.test("a server of revision 2024-11-05 with the HTTP+SSE transport", async () => {
  await using issuer = await startAuthorizationServer();
  await using server = await startHttpSseServer(issuer);
  const { clientId, clientSecret } = issuer.clients.client_secret_basic;
  const checked = await check({
    MCP_CLIENT_ID: clientId,
    MCP_CLIENT_SECRET: clientSecret,
    MCP_SERVER_URL: server.url,
    MCP_AUTH_SERVER_URL: issuer.tokenEndpoint,
    MCP_AUTH_METHOD: "client_secret_basic",
  });
  assertEquals(checked.code, 0, checked.all);
  assertEquals(checked.steps.find(({ step }) => step === "MCP").method, "initialize");
});

Deno.test("an HTTP proxy that is not running: the advice names its variable", async () => {
  const { code, failure } = await check({
    MCP_CLIENT_ID: "test-client",
    MCP_CLIENT_SECRET: "test-secret",
    MCP_SERVER_URL: "https://mcp.example.com/mcp",
    HTTPS_PROXY: NOWHERE,
  });
  assertEquals([code, failure.step], [1, "server"]);
  assertStringIncludes(failure.next[0], "HTTPS_PROXY");
});

Deno.test("hidden tools are shown, and a pattern that matches no tool is a warning", () =>
  withParts(async ({ env }) => {
    const checked = await check({
      ...env,
      MCP_TOOLS_ALLOW: "echo,add,who*,nothing-*",
      MCP_TOOLS_DENY: "whoami",
    });
    assertEquals(checked.code, 0, checked.all);
    const tools = checked.steps.find(({ step }) => step === "tools");
    assertEquals(tools.tools, 2);
    assert(tools.hidden.includes("whoami") && !tools.hidden.includes("echo"));
    assertMatch(
      tools.message,
      /^2: echo, add; \d+: .* hidden by MCP_TOOLS_ALLOW or MCP_TOOLS_DENY$/,
    );
    const warning = checked.steps.find(({ step }) => step === "warning");
    assertStringIncludes(
      warning.message,
      'MCP_TOOLS_ALLOW: no tool of the server matches "nothing-*"',
    );
  }));

Deno.test("if the server decides who receives the secret, a warning names the issuer to set", async () => {
  await using auth = await startScriptedServer({
    "/.well-known/oauth-authorization-server": () =>
      Response.json({
        issuer: "http://auth.example.test",
        token_endpoint: "http://auth.example.test/token",
      }),
  });
  await using forward = await startForwardProxy({ leadsTo: new URL(auth.url).host });
  await using server = await startScriptedServer({
    initialize: ({ headers }) =>
      headers.authorization ? Response.error() : new Response(null, { status: 401 }),
    "/.well-known/oauth-protected-resource/mcp": ({ headers }) =>
      Response.json({
        resource: `http://${headers.host}/mcp`,
        authorization_servers: ["http://auth.example.test"],
      }),
    "server/discover": ({ headers }) =>
      new Response(null, { status: headers.authorization ? 400 : 401 }),
  });
  const { MCP_AUTH_SERVER_URL: _, ...env } = server.env;
  const checked = await check({ ...env, HTTP_PROXY: forward.url, MCP_ALLOW_HTTP: "true" });
  const warning = checked.steps.find(({ step }) => step === "warning");
  assertStringIncludes(warning.message, "set MCP_AUTH_ISSUER=http://auth.example.test");
  assertEquals(auth.received("token").length, 1);
});

Deno.test("HTTP+SSE: the failure of the stream is reported, not the 405 of the first POST", async () => {
  const { code, failure, steps } = await checkScript({
    initialize: () => new Response(null, { status: 405 }),
    "server/discover": () => new Response(null, { status: 405 }),
    GET: () =>
      new Response(null, { status: 401, headers: { "www-authenticate": 'Bearer scope="sse"' } }),
    token: () => Response.json({ error: "invalid_client" }, { status: 401 }),
  });
  assertEquals([code, failure.step, failure.oauthError], [1, "token", "invalid_client"]);
  const challenge = steps.find(({ step }) => step === "challenge");
  assertEquals([challenge.outcome, challenge.scope], ["ok", "sse"]);
});

Deno.test("what the server says is shown in one line, without secrets", async () => {
  const said = () =>
    new Response(`Invalid\x1b[2J\nHost test-secret ${"x".repeat(300)}`, { status: 422 });
  const { failure } = await checkScript({ initialize: said, "server/discover": said });
  assertEquals([failure.step, failure.status], ["MCP", 422]);
  assertStringIncludes(failure.message, "The server says: Invalid [2J Host [redacted] xxx");
  assert(failure.message.length < 400, failure.message);
});

for (const columns of [60, 80, 120]) {
  Deno.test({
    name: `on a terminal of ${columns} columns, lines are wrapped between words`,
    ignore: !HAS_TERMINAL,
    fn: () =>
      withParts(async ({ env }) => {
        const wrong = { ...env, MCP_CLIENT_SECRET: "a-wrong-secret", NO_COLOR: "1", TERM: "dumb" };
        const { stdout } = await runOnTerminal(["check"], wrong, columns);
        assertStringIncludes(stdout, "✗ token");
        for (const line of stdout.split(/\r?\n/)) {
          const isOneWord = !line.trim().replace("→ ", "").includes(" ");
          assert(line.length <= columns || isOneWord, line);
        }
      }),
  });
}
