import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { proxyCommand, startProxy } from "../parts/proxy.ts";
import { call, result, withProxy } from "../parts/scripted_proxy.ts";
import { startScriptedServer } from "../parts/scripted_server.ts";

/** Settings that nothing is wrong with; nothing listens there. */
const GOOD = {
  MCP_CLIENT_ID: "test-client",
  MCP_CLIENT_SECRET: "test-secret",
  MCP_SERVER_URL: "http://127.0.0.1:9/mcp",
  MCP_AUTH_SERVER_URL: "http://127.0.0.1:9/token",
};

/** Starts the proxy with settings that it has to refuse, and gives what it says. */
async function refusal(env: Record<string, string>, args: string[] = []): Promise<string> {
  await using proxy = startProxy({ env, args });
  const { code } = await proxy.status;
  assertEquals(code, 2, proxy.stderr);
  assertEquals(proxy.lines, []);
  return proxy.stderr;
}

Deno.test("without any settings, each required one is named", async () => {
  const said = await refusal({});
  for (const variable of ["MCP_CLIENT_ID", "MCP_CLIENT_SECRET", "MCP_SERVER_URL"]) {
    assertStringIncludes(said, `${variable}: not set`);
  }
});

Deno.test("an empty variable counts as not set", async () => {
  const said = await refusal({ ...GOOD, MCP_CLIENT_ID: "", MCP_SCOPE: "", MCP_RESOURCE: "" });
  assertStringIncludes(said, "MCP_CLIENT_ID: not set");
  for (const variable of ["MCP_SCOPE", "MCP_RESOURCE"]) assert(!said.includes(variable), said);
});

Deno.test("all problems are reported at once, in one message that names each variable", async () => {
  const said = await refusal({
    MCP_CLIENT_SECRET: "test-secret",
    MCP_SERVER_URL: "mcp.example.com/mcp",
    MCP_AUTH_SERVER_URL: "http://auth.example.com/token",
    MCP_AUTH_METHOD: "telepathy",
    MCP_RESOURCE: "no uri",
    MCP_TOKEN_PARAMS: "client_id=other",
    MCP_HEADERS: "no colon",
    MCP_ALLOW_HTTP: "perhaps",
    MCP_LOG_LEVEL: "loud",
    MCP_LOG_FORMAT: "xml",
  });
  const variables = [
    "MCP_CLIENT_ID",
    "MCP_SERVER_URL",
    "MCP_AUTH_SERVER_URL",
    "MCP_AUTH_METHOD",
    "MCP_RESOURCE",
    "MCP_TOKEN_PARAMS",
    "MCP_HEADERS",
    "MCP_ALLOW_HTTP",
    "MCP_LOG_LEVEL",
    "MCP_LOG_FORMAT",
  ];
  for (const variable of variables) assertMatch(said, new RegExp(`^  ${variable}: \\S`, "m"));
});

/** One wrong value, and what the message has to say of it. */
const WRONG: readonly (readonly [variable: string, value: string, says: string])[] = [
  ["MCP_SERVER_URL", "ftp://mcp.example.com/mcp", "https"],
  ["MCP_SERVER_URL", "https://user:password@mcp.example.com/mcp", "user name or password"],
  ["MCP_AUTH_SERVER_URL", "not a url", "URL"],
  ["MCP_AUTH_METHOD", "client_secret", "client_secret_post"],
  ["MCP_GRANT", "password", "client_credentials"],
  ["MCP_RESOURCE", "https://mcp.example.com/#part", "fragment"],
  ["MCP_TOKEN_PARAMS", "grant_type=password", "grant_type"],
  ["MCP_HEADERS", "Authorization: Bearer x", "Authorization"],
  ["MCP_HEADERS", "X-Bell: \u0007", "X-Bell"],
  ["MCP_LOG_LEVEL", "verbose", "debug"],
  ["MCP_CLIENT_SECRET_FILE", "/etc/hostname", "MCP_CLIENT_SECRET"],
];

Deno.test("each wrong value is reported with the variable's name and a correct form", async () => {
  await Promise.all(WRONG.map(async ([variable, value, says]) => {
    const said = await refusal({ ...GOOD, [variable]: value });
    const [line] = said.split("\n").filter((line) => line.startsWith(`  ${variable}: `));
    assertStringIncludes(line ?? said, says);
    assert(!said.includes("password@"), said);
  }));
});

Deno.test("an unreplaced reference is reported, without its text if it is a secret", () =>
  withProxy({}, async ({ proxy }) => {
    await proxy.closeStdin();
    await proxy.status;
    const told = proxy.stderr.match(
      /MCP_\w+ looks like a reference that the MCP client did not replace/g,
    );
    assertEquals(told?.map((line) => line.split(" ")[0]), ["MCP_CLIENT_ID", "MCP_CLIENT_SECRET"]);
    assert(!proxy.stderr.includes("my-secret"), proxy.stderr);
  }, { env: { MCP_CLIENT_ID: "$MY_CLIENT", MCP_CLIENT_SECRET: "${input:my-secret}" } }));

Deno.test("a reference in place of the server's URL is refused as one", async () => {
  for (const reference of ["${input:url}", "$URL"]) {
    assertMatch(
      await refusal({ ...GOOD, MCP_SERVER_URL: reference }),
      /^ {2}MCP_SERVER_URL: looks like a reference that the MCP client did not replace/m,
    );
  }
});

Deno.test("cleartext http to another machine is refused before anything is sent", async () => {
  await using server = await startScriptedServer();
  for (const variable of ["MCP_SERVER_URL", "MCP_AUTH_SERVER_URL"]) {
    const said = await refusal({ ...server.env, [variable]: "http://mcp.example.com/mcp" });
    assertMatch(said, new RegExp(`^  ${variable}: .*https.*MCP_ALLOW_HTTP`, "m"));
  }
  assertEquals([...server.requests], []);
});

Deno.test({
  name: "cleartext http is used if the user allows it (Windows does not connect to 0.0.0.0)",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using server = await startScriptedServer();
    const env = Object.fromEntries(
      Object.entries(server.env).map((
        [name, value],
      ) => [name, value.replace("127.0.0.1", "0.0.0.0")]),
    );
    assertMatch(await refusal(env), /MCP_SERVER_URL: .*cleartext/);
    assertEquals([...server.requests], []);
    await using proxy = startProxy({ env: { ...env, MCP_ALLOW_HTTP: "true" } });
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message, result(1));
  },
});

Deno.test("cleartext http to this machine is allowed", () =>
  withProxy({}, async ({ proxy, server }) => {
    assertEquals(server.received("tools/call").length, 0);
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message, result(1));
  }));

Deno.test("the secret can be in a file, and white space around it is not part of it", async () => {
  const file = await Deno.makeTempFile();
  try {
    for (const [text, secret] of [["s3cret\n", "s3cret"], ["a b \r\n", "a b"], ["x\n\n", "x"]]) {
      await Deno.writeTextFile(file, text);
      await withProxy({}, ({ server }) => {
        const sent = new URLSearchParams(server.received("token")[0].body).get("client_secret");
        assertEquals(sent, secret);
      }, { env: { MCP_CLIENT_SECRET: "", MCP_CLIENT_SECRET_FILE: file } });
    }
    await Deno.writeTextFile(file, "");
    const said = await refusal({ ...GOOD, MCP_CLIENT_SECRET: "", MCP_CLIENT_SECRET_FILE: file });
    assertStringIncludes(said, "MCP_CLIENT_SECRET_FILE: ");
    assertStringIncludes(said, "empty");
  } finally {
    await Deno.remove(file);
  }
  const said = await refusal({ ...GOOD, MCP_CLIENT_SECRET: "", MCP_CLIENT_SECRET_FILE: file });
  assertMatch(said, /MCP_CLIENT_SECRET_FILE: .*file not found/);
});

Deno.test("additional headers are sent to the MCP server with every request, and to no other server", () =>
  withProxy({}, async ({ proxy, server }) => {
    await proxy.send(call(1));
    await proxy.response(1);
    await proxy.closeStdin();
    await proxy.status;
    for (const { name, headers } of server.requests) {
      const sent = [headers["x-api-key"], headers["x-tenant"]];
      const expected = name === "token" ? [undefined, undefined] : ["a: b, c", "42"];
      assertEquals(sent, expected, name);
    }
  }, { env: { MCP_HEADERS: "X-Api-Key:  a: b, c \r\n\nx-tenant:42\n" } }));

Deno.test("an option overrides its variable", () =>
  withProxy({}, ({ server }) => {
    const parameters = new URLSearchParams(server.received("token")[0].body);
    assertEquals(parameters.get("client_id"), "from-option");
    assertEquals(parameters.get("scope"), "a b");
  }, { args: ["--client-id", "from-option", "--scope=a b"], env: { MCP_SCOPE: "c" } }));

Deno.test("--help and --version print to stdout, need no settings, and exit with 0", async () => {
  for (
    const [option, says] of [["--help", /MCP_CLIENT_ID/], ["--version", /\d+\.\d+\.\d+/]] as const
  ) {
    await using proxy = startProxy({ args: [option] });
    assertEquals((await proxy.status).code, 0);
    assertMatch(proxy.lines.map(({ text }) => text).join("\n"), says);
    assertEquals(proxy.stderr, "");
  }
});

/** The permissions that Deno is given instead of `-A`. */
function withPermissions(...permissions: string[]): string[] {
  const [deno, run, _all, ...rest] = proxyCommand();
  return [deno, run, "--no-prompt", ...permissions, ...rest];
}

Deno.test({
  name: "only declared variables are read, so that a few allowed ones are enough (on Deno alone)",
  ignore: Deno.env.has("MCP_PROXY_COMMAND"),
  async fn() {
    await using server = await startScriptedServer();
    const variables = Object.keys(server.env);
    const command = withPermissions(`--allow-env=${variables}`, "--allow-net=127.0.0.1");
    // A variable that may not be read counts as not set.
    await using proxy = startProxy({ command, env: { ...server.env, MCP_SCOPE: "unread" } });
    await proxy.send(call(1));
    assertEquals((await proxy.response(1)).message, result(1));
    assertEquals(new URLSearchParams(server.received("token")[0].body).get("scope"), null);
    await proxy.closeStdin();
    assertEquals((await proxy.status).code, 0);
  },
});

Deno.test("a variable with a misspelt name is reported with the name that was probably meant", async () => {
  const { MCP_CLIENT_SECRET, ...rest } = GOOD;
  const said = await refusal({ ...rest, MCP_CLIENT_SERCET: MCP_CLIENT_SECRET });
  assertStringIncludes(said, "MCP_CLIENT_SERCET is not a setting; did you mean MCP_CLIENT_SECRET?");
  await withProxy({}, async ({ proxy }) => {
    await proxy.closeStdin();
    await proxy.status;
    assertStringIncludes(proxy.stderr, "MCP_SCOPES is not a setting; did you mean MCP_SCOPE?");
  }, { env: { MCP_SCOPES: "a" } });
});

Deno.test("an unknown option has its own message, not one about settings", async () => {
  const said = await refusal({}, ["--hlep"]);
  assertEquals(said, "[Error] --hlep: unknown option; did you mean --help?\n");
});

Deno.test("an error about missing settings says where to set them, with an example", async () => {
  const said = await refusal({});
  assertStringIncludes(said, '"env" of the entry in your MCP client');
  assertStringIncludes(said, "--client-id my-client --server-url https://mcp.example.com/mcp");
});

Deno.test("with MCP_LOG_FORMAT=json, problems of settings and arguments are JSON lines too", async () => {
  const env = { MCP_LOG_FORMAT: "json", MCP_CLIENT_SERCET: "x" };
  const lines = (await refusal(env)).trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.map(({ level }) => level), ["error", "error", "error", "warn"]);
  assertMatch(lines[0].message, /^MCP_CLIENT_ID: not set/);
  const [line, ...more] = (await refusal(env, ["--hlep"])).trimEnd().split("\n");
  assertMatch(JSON.parse(line).message, /--hlep: unknown option/);
  assertEquals(more, []);
});

Deno.test({
  name: "a variable that --allow-env lacks is not permitted, and not just unset (on Deno alone)",
  ignore: Deno.env.has("MCP_PROXY_COMMAND"),
  async fn() {
    const command = withPermissions("--allow-env=MCP_CLIENT_ID");
    await using proxy = startProxy({ command, env: GOOD });
    assertEquals((await proxy.status).code, 2);
    assertMatch(proxy.stderr, /MCP_SERVER_URL: not permitted: Deno's --allow-env/);
    assert(!proxy.stderr.includes("MCP_CLIENT_ID: not"), proxy.stderr);
  },
});
