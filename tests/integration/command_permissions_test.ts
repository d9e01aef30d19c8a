import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { resolve } from "node:path";
import { startAuthorizationServer } from "../parts/authorization_server.ts";
import { createAuthority } from "../parts/certificates.ts";
import { startMcpServer } from "../parts/mcp_server.ts";
import { startProxy } from "../parts/proxy.ts";
import { runCommand, withFolder } from "../parts/run_command.ts";
import { call, initialize } from "../parts/scripted_proxy.ts";

const CLI = new URL(import.meta.resolve("../../cli.ts")).href;
const ALL = [Deno.execPath(), "run", "-A", CLI];

/** The permissions for an environment, one by one. */
async function flagsFor(env: Record<string, string>): Promise<string[]> {
  const { code, stdout, stderr } = await runCommand(["permissions"], { env, command: ALL });
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  const [noConfig, ...flags] = stdout.trim().split(" ");
  // The sources here need the deno.json next to them; jsr_test.ts runs the program with all flags.
  assertEquals(noConfig, "--no-config");
  return flags;
}

/** Runs the proxy with these flags and no others: it lists the tools and calls one. */
async function useWith(flags: string[], env: Record<string, string>): Promise<void> {
  const command = [Deno.execPath(), "run", "--no-prompt", ...flags, CLI];
  await using proxy = startProxy({ command, env });
  await proxy.send(initialize());
  assert((await proxy.response("initialize")).message.result);
  await proxy.send({ jsonrpc: "2.0", method: "notifications/initialized" });
  await proxy.send(call(1, "add", { a: 1, b: 2 }));
  const { message } = await proxy.response(1);
  assertEquals(message.result.content[0].text, "3");
  await proxy.closeStdin();
  assertEquals((await proxy.status).code, 0);
}

/** Runs a test with real parts. */
async function withParts(test: (env: Record<string, string>) => Promise<void>): Promise<void> {
  await using authorizationServer = await startAuthorizationServer();
  await using server = await startMcpServer({ authorizationServer });
  const { clientId, clientSecret } = authorizationServer.clients.client_secret_post;
  await test({
    MCP_CLIENT_ID: clientId,
    MCP_CLIENT_SECRET: clientSecret!,
    MCP_SERVER_URL: server.url,
    MCP_AUTH_SERVER_URL: authorizationServer.tokenEndpoint,
  });
}

Deno.test("the proxy runs with exactly the permissions that are printed", async () => {
  await withParts(async (env) => {
    const flags = await flagsFor(env);
    assertEquals(flags, [
      `--allow-net=${new URL(env.MCP_SERVER_URL).host},${new URL(env.MCP_AUTH_SERVER_URL).host}`,
      `--allow-env=${Object.keys(env).sort(inTableOrder).join(",")}`,
    ]);
    await useWith(flags, env);
  });
});

const TABLE = ["MCP_CLIENT_ID", "MCP_CLIENT_SECRET", "MCP_SERVER_URL", "MCP_AUTH_SERVER_URL"];
function inTableOrder(one: string, other: string): number {
  return TABLE.indexOf(one) - TABLE.indexOf(other);
}

Deno.test("with discovery, the permissions include the servers that the MCP server names", async () => {
  await withParts(async ({ MCP_AUTH_SERVER_URL, ...env }) => {
    const flags = await flagsFor(env);
    assertStringIncludes(flags[0], new URL(MCP_AUTH_SERVER_URL).host);
    await useWith(flags, env);
  });
});

Deno.test("a secret from a file or a command needs permission for that file or program", async () => {
  await withParts(async ({ MCP_CLIENT_SECRET, ...env }) => {
    await withFolder(async (folder) => {
      const file = `${folder}/secret`;
      await Deno.writeTextFile(file, `${MCP_CLIENT_SECRET}\n`);

      const fromFile = { ...env, MCP_CLIENT_SECRET_FILE: file };
      const readFlags = await flagsFor(fromFile);
      assert(readFlags.includes(`--allow-read=${file}`), readFlags.join(" "));
      await useWith(readFlags, fromFile);

      const print = `console.log(${JSON.stringify(MCP_CLIENT_SECRET)})`;
      const words = [Deno.execPath(), "eval", print];
      const fromCommand = { ...env, MCP_CLIENT_SECRET_COMMAND: JSON.stringify(words) };
      const runFlags = await flagsFor(fromCommand);
      assert(runFlags.includes(`--allow-run=${Deno.execPath()}`), runFlags.join(" "));
      await useWith(runFlags, fromCommand);
    });
  });
});

Deno.test("the token cache needs its folder", async () => {
  await withParts(async (env) => {
    await withFolder(async (folder) => {
      const cached = { ...env, MCP_TOKEN_CACHE: folder };
      const flags = await flagsFor(cached);
      assert(flags.includes(`--allow-write=${folder}`), flags.join(" "));
      await useWith(flags, cached);
      assert([...Deno.readDirSync(folder)].length > 0);
    });
  });
});

Deno.test("a folder for the token cache is permitted by its absolute path, and only if the proxy accepts it", async () => {
  await withParts(async (env) => {
    const accepted = await flagsFor({ ...env, MCP_TOKEN_CACHE: "./tokens" });
    assert(accepted.includes(`--allow-write=${resolve("tokens")}`), accepted.join(" "));
    const refused = await flagsFor({ ...env, MCP_TOKEN_CACHE: "tokens" });
    assert(!refused.some((flag) => flag.startsWith("--allow-write")), refused.join(" "));
  });
});

Deno.test("the log file needs both of its files", async () => {
  await withParts(async (env) => {
    await withFolder(async (folder) => {
      const logged = { ...env, MCP_LOG_FILE: `${folder}/log` };
      const flags = await flagsFor(logged);
      assert(flags.includes(`--allow-write=${folder}/log,${folder}/log.1`), flags.join(" "));
      await Deno.writeTextFile(`${folder}/log`, "x".repeat(10_000_000));
      await useWith(flags, logged);
      assertEquals([...Deno.readDirSync(folder)].length, 2);
    });
  });
});

Deno.test("a flag with a space in it is quoted for the shell", async () => {
  const env = {
    MCP_CLIENT_ID: "me",
    MCP_CLIENT_SECRET_FILE: "/etc/my secrets/one",
    MCP_SERVER_URL: "https://mcp.example.com/mcp",
    MCP_AUTH_SERVER_URL: "https://auth.example.com/token",
  };
  const { code, stdout } = await runCommand(["permissions"], { env, command: ALL });
  assertEquals(code, 0);
  assertMatch(stdout, /^--no-config '--allow-read=\S*my secrets\Sone' --allow-net/);
});

Deno.test({
  name: "without a cache folder, none is named",
  ignore: Deno.build.os === "windows", // Deno itself does not do without.
  async fn() {
    const env = {
      DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
      HOME: "",
      XDG_CACHE_HOME: "",
      MCP_SERVER_URL: "https://mcp.example.com/mcp",
      MCP_AUTH_SERVER_URL: "https://auth.example.com/token",
      MCP_TOKEN_CACHE: "true",
    };
    const { code, stdout } = await runCommand(["permissions"], { env, command: ALL });
    assertEquals(code, 0);
    assert(!stdout.includes("--allow-write"), stdout);
  },
});

Deno.test("an invalid server URL gets the same message as from the proxy", async () => {
  for (const url of ["", "localhost:80", "ftp://example.com"]) {
    const env = { MCP_SERVER_URL: url };
    const { code, stderr } = await runCommand(["permissions"], { env, command: ALL });
    assertEquals(code, 2);
    assertStringIncludes(stderr, "MCP_SERVER_URL: ");
  }
});

Deno.test("if the server cannot be reached, the known permissions are printed, and the exit code is 1", async () => {
  const env = { MCP_CLIENT_ID: "me", MCP_SERVER_URL: "http://127.0.0.1:9/mcp" };
  const { code, stdout, stderr } = await runCommand(["permissions"], { env, command: ALL });
  assertEquals(code, 1);
  assertStringIncludes(stdout, "--allow-net=127.0.0.1:9");
  assertStringIncludes(stdout, "MCP_CLIENT_SECRET");
  assertStringIncludes(stderr, "--allow-net");
});

Deno.test("a proxy with a password needs the variables that Deno reads for it", async () => {
  const env = {
    MCP_CLIENT_ID: "me",
    MCP_CLIENT_SECRET: "secret",
    MCP_SERVER_URL: "https://mcp.example.com/mcp",
    MCP_AUTH_SERVER_URL: "https://auth.example.com/token",
  };
  const variables = async (proxy: string) => {
    const flags = await flagsFor({ ...env, HTTPS_PROXY: proxy });
    return flags.find((flag) => flag.startsWith("--allow-env="))!.split(/[=,]/);
  };
  const withPassword = await variables("http://user:password@proxy.example.com:3128");
  assert(withPassword.includes("no_proxy") && withPassword.includes("NODE_USE_SYSTEM_CA"));
  const without = await variables("http://proxy.example.com:3128");
  assert(!without.includes("no_proxy") && !without.includes("NODE_USE_SYSTEM_CA"));
});

Deno.test("certificates together with a proxy password need --allow-sys", async () => {
  await withFolder(async (folder) => {
    const env = {
      MCP_CLIENT_ID: "me",
      MCP_CLIENT_SECRET: "secret",
      MCP_SERVER_URL: "https://mcp.example.com/mcp",
      MCP_AUTH_SERVER_URL: "https://auth.example.com/token",
    };
    const ca = { MCP_CA_FILE: `${folder}/company.pem` };
    await Deno.writeTextFile(ca.MCP_CA_FILE, (await createAuthority()).cert);
    const password = { HTTPS_PROXY: "http://user:password@proxy.example.com:3128" };
    assert((await flagsFor({ ...env, ...ca, ...password })).includes("--allow-sys"));
    assert(!(await flagsFor({ ...env, ...ca })).includes("--allow-sys"));
    assert(!(await flagsFor({ ...env, ...password })).includes("--allow-sys"));
  });
});
