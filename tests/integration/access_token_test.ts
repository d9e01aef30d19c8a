import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startProxy } from "../parts/proxy.ts";
import { runCommand, withFolder } from "../parts/run_command.ts";
import { reply } from "../parts/scripted_answers.ts";
import { call, handshake, initialize, result } from "../parts/scripted_proxy.ts";
import {
  type ScriptedRequest,
  type ScriptedServer,
  startScriptedServer,
} from "../parts/scripted_server.ts";

/** What a user sets who has a token; no client ID, no authorization server. */
function settings(server: ScriptedServer, more: Record<string, string>) {
  return {
    MCP_CLIENT_ID: "",
    MCP_CLIENT_SECRET: "",
    MCP_AUTH_SERVER_URL: "",
    MCP_SERVER_URL: server.url,
    ...more,
  };
}

/** A command that prints what a file has in it, on any system. */
const printing = (path: string) =>
  JSON.stringify([
    Deno.execPath(),
    "eval",
    `console.log(Deno.readTextFileSync(${JSON.stringify(path)}))`,
  ]);

/** A server that accepts one token at a time. */
function accepting() {
  const self = { token: "first-access-token" };
  const check = (request: ScriptedRequest) =>
    request.headers.authorization === `Bearer ${self.token}`
      ? reply(request, {})
      : new Response(null, {
        status: 401,
        headers: { "www-authenticate": 'Bearer error_description="This token was revoked"' },
      });
  return { self, script: { "tools/call": check } };
}

const sentTo = (server: ScriptedServer) =>
  server.received("tools/call").map(({ headers }) => headers.authorization);

Deno.test("MCP_ACCESS_TOKEN is sent with the first request, without any authorization server", async () => {
  const { script } = accepting();
  await using server = await startScriptedServer(script);
  const env = settings(server, {
    MCP_ACCESS_TOKEN: "first-access-token",
    MCP_LOG_LEVEL: "debug",
  });
  await using proxy = startProxy({ env });
  await handshake({ proxy, server });
  await proxy.send(call(1));
  assertEquals((await proxy.response(1)).message, result(1));
  await proxy.closeStdin();
  await proxy.status;
  const requests = [...server.requests];
  assert(requests.every(({ headers }) => headers.authorization === "Bearer first-access-token"));
  assertEquals(requests.filter(({ name }) => name === "token"), []);
  assert(!proxy.stderr.includes("first-access-token"), "the token is not in the log");
});

Deno.test("a token that the server refuses is reported with its setting and the server's words", async () => {
  const { self, script } = accepting();
  self.token = "another";
  await using server = await startScriptedServer(script);
  const env = settings(server, { MCP_ACCESS_TOKEN: "first-access-token" });
  await using proxy = startProxy({ env });
  await proxy.send(call(1));
  const { error } = (await proxy.response(1)).message;
  assertEquals([error.data.reason, error.data.status], ["unauthorized", 401]);
  assertStringIncludes(error.message, "MCP_ACCESS_TOKEN");
  assertStringIncludes(error.message, "This token was revoked");
  assertEquals(sentTo(server).length, 1, "a token that has not changed is not sent twice");
});

for (const source of ["FILE", "COMMAND"]) {
  Deno.test(`a token from MCP_ACCESS_TOKEN_${source} is read again when the server refuses it`, () =>
    withFolder(async (folder) => {
      const path = `${folder}/token`;
      await Deno.writeTextFile(path, "first-access-token\n");
      const { self, script } = accepting();
      await using server = await startScriptedServer(script);
      const text = source === "FILE" ? path : printing(path);
      const env = settings(server, { [`MCP_ACCESS_TOKEN_${source}`]: text });
      await using proxy = startProxy({ env });
      await proxy.send(call(1));
      assertEquals((await proxy.response(1)).message, result(1));
      self.token = "second-access-token";
      await Deno.writeTextFile(path, self.token);
      await proxy.send(call(2));
      assertEquals((await proxy.response(2)).message, result(2));
      assertEquals(sentTo(server).at(-1), "Bearer second-access-token");
      await proxy.closeStdin();
      await proxy.status;
      assert(!/(first|second)-access-token/.test(proxy.stderr));
    }));
}

Deno.test("a token does not follow a redirect to another server", async () => {
  await using other = await startScriptedServer({});
  await using server = await startScriptedServer({
    initialize: () => new Response(null, { status: 307, headers: { location: other.url } }),
  });
  const env = settings(server, { MCP_ACCESS_TOKEN: "first-access-token" });
  await using proxy = startProxy({ env });
  await proxy.send(initialize());
  const { error } = (await proxy.response("initialize")).message;
  assertStringIncludes(error.message, "not followed");
  assertEquals([...other.requests], []);
});

for (
  const [what, env, problem] of [
    [
      "another grant",
      { MCP_ACCESS_TOKEN: "x", MCP_GRANT: "jwt-bearer", MCP_ASSERTION_FILE: "/jwt" },
      /MCP_GRANT: jwt-bearer requests a token, but MCP_ACCESS_TOKEN gives one/,
    ],
    ["two sources", { MCP_ACCESS_TOKEN: "x", MCP_ACCESS_TOKEN_FILE: "/x" }, /unset one of them/],
    ["MCP_GRANT=token without a token", { MCP_GRANT: "token" }, /MCP_GRANT: token needs MCP_ACCES/],
    ["two lines", { MCP_ACCESS_TOKEN: "hidden\nhidden" }, /MCP_ACCESS_TOKEN: is not an access tok/],
    ["MCP_DPOP", { MCP_ACCESS_TOKEN: "x", MCP_DPOP: "true" }, /MCP_DPOP: .*unset MCP_DPOP/],
    ["the cache", { MCP_ACCESS_TOKEN: "x", MCP_TOKEN_CACHE: "true" }, /unset MCP_TOKEN_CACHE/],
  ] satisfies [string, Record<string, string>, RegExp][]
) {
  Deno.test(`MCP_ACCESS_TOKEN with ${what} is a problem of the settings`, async () => {
    const { code, stderr } = await runCommand([], {
      env: { MCP_SERVER_URL: "https://mcp.example.com/mcp", ...env },
    });
    assertEquals(code, 2);
    assert(problem.test(stderr), stderr);
    assert(!/MCP_CLIENT_ID: /.test(stderr), stderr);
    assert(!stderr.includes("hidden"), stderr);
  });
}

Deno.test("call, tools, permissions and config work with a token alone", async () => {
  const { script } = accepting();
  await using server = await startScriptedServer(script);
  const env = settings(server, { MCP_ACCESS_TOKEN: "first-access-token" });
  const { port } = new URL(server.url);

  const called = await runCommand(["call", "echo"], { env });
  assertEquals(called.code, 0, called.stderr);

  const permissions = await runCommand(["permissions"], { env });
  assertEquals(permissions.code, 0, permissions.stderr);
  assertStringIncludes(permissions.stdout, `--allow-net=127.0.0.1:${port}`);
  assertStringIncludes(permissions.stdout, "MCP_ACCESS_TOKEN");
  assert(!permissions.stdout.includes("MCP_CLIENT"));

  const config = await runCommand(["config", "vscode"], { env });
  assertEquals(config.code, 0, config.stderr);
  assertStringIncludes(config.stdout, "MCP_ACCESS_TOKEN");
  assert(!/MCP_CLIENT|first-access-token/.test(config.stdout), config.stdout);
});

Deno.test("check says where the token was read, and what the server says of a wrong one", async () => {
  const { script } = accepting();
  const asked = (request: ScriptedRequest) =>
    request.headers.authorization ? undefined : new Response(null, { status: 401 });
  await using server = await startScriptedServer({
    ...script,
    initialize: (request) => asked(request) ?? script["tools/call"](request),
  });
  for (const [token, code] of [["first-access-token", 0], ["wrong-access-token", 1]] as const) {
    const env = settings(server, { MCP_ACCESS_TOKEN: token });
    const { stdout, code: actual } = await runCommand(["check"], { env });
    assertEquals(actual, code, stdout);
    assertStringIncludes(stdout, "read from MCP_ACCESS_TOKEN");
    assertStringIncludes(stdout, "not needed: the access token is given");
    if (code === 1) assertStringIncludes(stdout, "This token was revoked");
    assert(!stdout.includes("access-token"), stdout);
  }
});
