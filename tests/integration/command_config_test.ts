import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { startAuthorizationServer } from "../parts/authorization_server.ts";
import { startMcpServer } from "../parts/mcp_server.ts";
import { proxyCommand } from "../parts/proxy_command.ts";
import { HAS_TERMINAL } from "../parts/run_on_terminal.ts";
import { runCommand, withFolder } from "../parts/run_command.ts";

const ENV = {
  MCP_CLIENT_ID: "me",
  MCP_CLIENT_SECRET: "hunter2-secret",
  MCP_SERVER_URL: "https://mcp.example.com/mcp",
};

/** Runs `config` in a folder that is also the home folder. */
async function config(home: string, args: string[], env: Record<string, string> = ENV) {
  return await runCommand(["config", ...args], {
    env: { ...env, HOME: home, USERPROFILE: home, DENO_DIR: await denoDir },
    cwd: home,
  });
}

/** Deno's cache, which it would look for in the home folder. */
const denoDir = runCommand(["info", "--json"], { command: [Deno.execPath()] })
  .then(({ stdout }) => JSON.parse(stdout).denoDir as string);

Deno.test("config prints an entry on stdout and its file on stderr", async () => {
  await withFolder(async (home) => {
    const { code, stdout, stderr } = await config(home, ["cursor"]);
    assertEquals(code, 0);
    const { mcpServers } = JSON.parse(stdout);
    assertEquals(mcpServers["mcp-example-com"].command, "npx");
    assertStringIncludes(stderr, join(home, ".cursor", "mcp.json"));
    assertEquals([...Deno.readDirSync(home)], []);
  });
});

Deno.test("config without a client prints the form that most clients accept", async () => {
  await withFolder(async (home) => {
    const { code, stdout, stderr } = await config(home, ["--name", "mine"], {});
    assertEquals(code, 0);
    assertEquals(Object.keys(JSON.parse(stdout).mcpServers), ["mine"]);
    assertStringIncludes(stderr, "vscode");
  });
});

Deno.test("config --run deno permits HTTP proxies and the token cache", async () => {
  await withFolder(async (home) => {
    const args = async (cache: string) => {
      const env = {
        ...ENV,
        MCP_AUTH_SERVER_URL: "https://auth.example.com/token",
        MCP_TOKEN_CACHE: cache,
        HTTPS_PROXY: "http://proxy.example.com:3128",
      };
      const { stdout } = await config(home, ["cursor", "--run", "deno"], env);
      return JSON.parse(stdout).mcpServers["mcp-example-com"].args as string[];
    };
    const flags = await args("tokens");
    assertEquals(
      flags.find((flag) => flag.startsWith("--allow-net")),
      "--allow-net=mcp.example.com:443,auth.example.com:443,proxy.example.com:3128",
    );
    assert(flags.some((flag) => /^--allow-env=.*\bHTTPS_PROXY\b/.test(flag)), flags.join(" "));
    assert(flags.includes(`--allow-write=${join(home, "tokens")}`), flags.join(" "));
    assert((await args("true")).some((flag) => /^--allow-write=.*mcp-oauth-proxy$/.test(flag)));
    assert(!(await args("false")).some((flag) => flag.startsWith("--allow-write")));
  });
});

Deno.test("config --write creates a missing file", async () => {
  await withFolder(async (home) => {
    const { code, stdout, stderr } = await config(home, ["vscode", "--project", "--write"]);
    assertEquals(code, 0);
    const text = await Deno.readTextFile(join(home, ".vscode", "mcp.json"));
    assertEquals(Object.keys(JSON.parse(text)), ["inputs", "servers"]);
    assertStringIncludes(stdout, '+   "servers": {\n');
    assert(!/^-/m.test(stdout), stdout);
    assertStringIncludes(stderr, "check --from vscode mcp-example-com --project");
    assert(!text.includes("hunter2"));
  });
});

Deno.test("config --write keeps comments, the other servers and a backup", async () => {
  await withFolder(async (home) => {
    const file = join(home, ".cursor", "mcp.json");
    const before = '{\n\t// mine\n\t"mcpServers": {\n\t\t"other": { "command": "x" }\n\t}\n}\n';
    await Deno.mkdir(join(home, ".cursor"));
    await Deno.writeTextFile(file, before);

    const first = await config(home, ["cursor", "--write"]);
    assertEquals(first.code, 0);
    const after = await Deno.readTextFile(file);
    assert(after.startsWith(before.slice(0, before.indexOf('"x" }') + 5)), after);
    assertStringIncludes(after, '"mcp-example-com": {');
    assertEquals(await Deno.readTextFile(`${file}.backup`), before);
    assertStringIncludes(first.stdout, `${file}.backup`);
    assert(!first.stdout.includes('"other"'), first.stdout);

    const again = await config(home, ["cursor", "--write"]);
    assertEquals(again.code, 0);
    assertStringIncludes(again.stdout, "already");
    const third = await config(home, ["cursor", "--write"], { ...ENV, MCP_SCOPE: "s" });
    assertEquals(third.code, 0);
    assertEquals(await Deno.readTextFile(`${file}.backup-2`), after);
  });
});

Deno.test("config --write does not change a file that it cannot read, and names the line", async () => {
  await withFolder(async (home) => {
    const file = join(home, ".cursor", "mcp.json");
    await Deno.mkdir(join(home, ".cursor"));
    await Deno.writeTextFile(file, "{ broken\n");
    const { code, stderr } = await config(home, ["cursor", "--write"]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "line 1");
    assertEquals([...Deno.readDirSync(join(home, ".cursor"))].map(({ name }) => name), [
      "mcp.json",
    ]);
    assertEquals(await Deno.readTextFile(file), "{ broken\n");
  });
});

Deno.test({
  name: "config --write ends with an error where the system creates no folders",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const { code, stderr } = await config("/proc", ["cursor", "--write"]);
    assertEquals(code, 1);
    // Without -A, Deno does not even let the program look there.
    assertMatch(stderr, /\/proc\/\.cursor\/mcp\.json (was not changed|cannot be read): /);
  },
});

Deno.test("config --write refuses an entry that would not work", async () => {
  await withFolder(async (home) => {
    const missing = await config(home, ["cursor", "--write"], {});
    assertEquals(missing.code, 2);
    assertStringIncludes(missing.stderr, "MCP_SERVER_URL");
    assertEquals((await config(home, ["--write"])).code, 2);
    assertEquals((await config(home, ["cursor", "--write", "--remove"])).code, 2);
    assertEquals((await config(home, ["--remove"])).code, 2);
    assertEquals((await config(home, ["lm-studio", "--project", "--write"])).code, 1);
    assertEquals([...Deno.readDirSync(home)], []);
  });
});

Deno.test("config discovers the issuer and writes it into the entry, without a request for a token", async () => {
  await using authorizationServer = await startAuthorizationServer();
  await using server = await startMcpServer({ authorizationServer });
  await withFolder(async (home) => {
    const { stdout, stderr } = await config(home, ["cursor", "--name", "mine"], {
      ...ENV,
      MCP_SERVER_URL: server.url,
    });
    const { env } = JSON.parse(stdout).mcpServers.mine;
    assertEquals(env.MCP_AUTH_ISSUER, authorizationServer.issuer);
    assertStringIncludes(stderr, `MCP_AUTH_ISSUER is ${authorizationServer.issuer}`);
    assertEquals(authorizationServer.tokenRequests.count(() => true), 0);
  });
});

Deno.test("config keeps the issuer that is set, and says so if it cannot discover one", async () => {
  await withFolder(async (home) => {
    const issuer = "https://auth.example.com";
    const own = await config(home, ["cursor"], { ...ENV, MCP_AUTH_ISSUER: issuer });
    assertEquals(JSON.parse(own.stdout).mcpServers["mcp-example-com"].env.MCP_AUTH_ISSUER, issuer);
    assert(!own.stderr.includes("MCP_AUTH_ISSUER"), own.stderr);
    const unknown = await config(home, ["cursor"], {
      ...ENV,
      MCP_SERVER_URL: "http://127.0.0.1:9/mcp",
    });
    assertEquals(unknown.code, 0);
    assertStringIncludes(unknown.stderr, "Add --auth-issuer");
  });
});

Deno.test({
  name: "config --secret-from-stdin stores the secret in a file that only the user can read",
  ignore: Deno.build.os === "windows", // It has no modes.
  async fn() {
    await withFolder(async (home) => {
      const { MCP_CLIENT_SECRET: secret, ...env } = ENV;
      const command = ["bash", "-c", `echo "${secret}" | "$@"`, "-", ...proxyCommand()];
      const words = [
        "config",
        "claude-desktop",
        "--write",
        "--secret-from-stdin",
        "--name",
        "mine",
      ];
      const { code, stdout, stderr } = await runCommand(words, {
        command,
        env: { ...env, HOME: home, DENO_DIR: await denoDir },
        cwd: home,
      });
      assertEquals(code, 0, stderr);
      assert(!(stdout + stderr).includes(secret));
      const path = `${home}/.config/mcp-oauth-proxy/mine.client-secret`;
      assertEquals(await Deno.readTextFile(path), secret);
      assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
      assertEquals((await Deno.stat(`${home}/.config/mcp-oauth-proxy`)).mode! & 0o777, 0o700);
      const file = `${home}/.config/Claude/claude_desktop_config.json`;
      const { env: written } = JSON.parse(await Deno.readTextFile(file)).mcpServers.mine;
      assertEquals(written.MCP_CLIENT_SECRET_FILE, path);
    });
  },
});

Deno.test("config --secret-from-stdin is refused for clients that do not read a file", async () => {
  await withFolder(async (home) => {
    const { code, stderr } = await config(home, ["vscode", "--write", "--secret-from-stdin"]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, "VS Code does not");
    assertEquals((await config(home, ["zed", "--secret-from-stdin"])).code, 2);
  });
});

/** Writes Cursor's file, and runs `config cursor --write` on it. */
async function writeOver(before: Uint8Array<ArrayBuffer>, ...args: string[]) {
  return await withFolder(async (home) => {
    const file = join(home, ".cursor", "mcp.json");
    await Deno.mkdir(join(home, ".cursor"));
    await Deno.writeFile(file, before);
    const result = await config(home, ["cursor", "--write", ...args]);
    const names = [...Deno.readDirSync(join(home, ".cursor"))].map(({ name }) => name);
    return { ...result, after: await Deno.readFile(file), names };
  });
}

Deno.test("config --write does not change a file that is not UTF-8", async () => {
  const before = new Uint8Array([...new TextEncoder().encode('{"a":"'), 0xe9, 0x22, 0x7d]);
  const { code, stderr, after, names } = await writeOver(before);
  assertEquals([code, after, names], [1, before, ["mcp.json"]]);
  assertStringIncludes(stderr, "not UTF-8");
});

Deno.test("config --write replaces an entry that starts another program only with --force", async () => {
  const other = '{"mcpServers":{"mine":{"command":"other-program"}}}';
  const before = new TextEncoder().encode(other);
  const refused = await writeOver(before, "--name", "mine");
  assertEquals([refused.code, refused.after, refused.names], [1, before, ["mcp.json"]]);
  assertStringIncludes(refused.stderr, "--force");
  const forced = await writeOver(before, "--name", "mine", "--force");
  assertEquals(forced.code, 0, forced.stderr);
  const { mcpServers } = JSON.parse(new TextDecoder().decode(forced.after));
  assertEquals(mcpServers.mine.command, "npx");
});

Deno.test("config codex --write keeps the comments of the file, and --remove restores it", async () => {
  await withFolder(async (home) => {
    const file = join(home, ".codex", "config.toml");
    const before = '# mine\nmodel = "x" # best\n\n[mcp_servers.other]\ncommand = "y"\n';
    await Deno.mkdir(join(home, ".codex"));
    await Deno.writeTextFile(file, before);
    const written = await config(home, ["codex", "--write"]);
    assertEquals(written.code, 0, written.stderr);
    const after = await Deno.readTextFile(file);
    assert(after.startsWith(`${before}\n[mcp_servers.mcp-example-com]\n`), after);
    assert(!after.includes("hunter2"), after);

    await Deno.writeTextFile(file, after.replace("args =", "startup_timeout_sec = 9\nargs ="));
    const again = await config(home, ["codex", "--write", "--scope", "s"]);
    assertEquals(again.code, 0, again.stderr);
    assertStringIncludes(await Deno.readTextFile(file), "startup_timeout_sec = 9\n");
    assertStringIncludes(again.stdout, '+ MCP_SCOPE = "s"\n');

    const inline = '[mcp_servers]\nmcp-example-com = { command = "mcp-oauth-proxy" }\n';
    await Deno.writeTextFile(file, inline);
    const refused = await config(home, ["codex", "--write"]);
    assertEquals(refused.code, 1);
    assertStringIncludes(refused.stderr, "paste");
    assertEquals(await Deno.readTextFile(file), inline);
    await Deno.writeTextFile(file, after);

    const removed = await config(home, ["codex", "--remove"]);
    assertEquals(removed.code, 0, removed.stderr);
    assertEquals(await Deno.readTextFile(file), before);
  });
});

Deno.test("config --remove takes the entry and its question out, and nothing else", async () => {
  await withFolder(async (home) => {
    const file = join(home, ".vscode", "mcp.json");
    const before = `{
  // mine
  "inputs": [
    { "type": "promptString", "id": "other" }
  ],
  "servers": {
    "other": { "command": "x", "env": { "A": "\${input:other}" } } // keep
  }
}
`;
    await Deno.mkdir(join(home, ".vscode"));
    await Deno.writeTextFile(file, before);
    const args = ["vscode", "--project"];
    assertEquals((await config(home, [...args, "--write"])).code, 0);
    const { code, stdout, stderr } = await config(home, [...args, "--remove"]);
    assertEquals(code, 0, stderr);
    assertEquals(await Deno.readTextFile(file), before);
    assertStringIncludes(stdout, `Backup: ${file}.backup-2`);

    const again = await config(home, [...args, "--remove"]);
    assertEquals(again.code, 1);
    assertStringIncludes(again.stderr, "has no entry that starts mcp-oauth-proxy");
    const other = await config(home, [...args, "--remove", "--name", "other"]);
    assertEquals(other.code, 1);
    assertEquals(await Deno.readTextFile(file), before);
  });
});

Deno.test("config without a client lists the clients on this machine and their entries", async () => {
  await withFolder(async (home) => {
    await Deno.mkdir(join(home, ".codex"));
    await Deno.mkdir(join(home, ".kiro", "settings"), { recursive: true });
    await Deno.writeTextFile(join(home, ".kiro", "settings", "mcp.json"), "{ broken");
    assertEquals((await config(home, ["cursor", "--write", "--name", "mine"])).code, 0);
    const { code, stderr } = await config(home, []);
    assertEquals(code, 0);
    const text = stderr.replace(/\s+/g, " ");
    assertStringIncludes(text, `cursor Cursor: ${join(home, ".cursor", "mcp.json")} (has mine)`);
    assertStringIncludes(
      text,
      `Codex: ${join(home, ".codex", "config.toml")} (does not exist yet)`,
    );
    assertStringIncludes(text, "(Kiro cannot read it)");
    assert(!text.includes("Windsurf"), text);
  });
});

Deno.test({
  name: "config --write asks on a terminal for the secret, does not show it, and stores it",
  ignore: !HAS_TERMINAL,
  async fn() {
    await withFolder(async (home) => {
      const { MCP_CLIENT_SECRET: secret, ...env } = ENV;
      const script = `mkfifo keys; printf -v words '%q ' "$@"
        script -qfec "$words" screen <keys >/dev/null & exec 3>keys
        until grep -q 'Client secret' screen; do sleep 0.05; done
        printf '${secret}\\r' >&3; wait $!; code=$?; cat screen; exit $code`;
      const { code, stdout } = await runCommand(["config", "zed", "--write", "--name", "mine"], {
        command: ["bash", "-c", script, "-", ...proxyCommand()],
        env: { ...env, HOME: home, DENO_DIR: await denoDir },
        cwd: home,
      });
      assertEquals(code, 0, stdout);
      assert(!stdout.includes(secret), stdout);
      const path = `${home}/.config/mcp-oauth-proxy/mine.client-secret`;
      assertEquals(await Deno.readTextFile(path), secret);
      assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
      const { context_servers } = JSON.parse(
        await Deno.readTextFile(join(home, ".config", "zed", "settings.json")),
      );
      assertEquals(context_servers.mine.env.MCP_CLIENT_SECRET_FILE, path);
    });
  },
});

Deno.test("config --write leaves no draft and no backup if the file cannot be replaced", async () => {
  await withFolder(async (home) => {
    // A folder in the file's place: it cannot be replaced, even by the root user.
    const file = join(home, ".cursor", "mcp.json");
    await Deno.mkdir(file, { recursive: true });
    const { code, stderr } = await config(home, ["cursor", "--write"]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, file);
    assertEquals([...Deno.readDirSync(join(home, ".cursor"))].map(({ name }) => name), [
      "mcp.json",
    ]);
    assertEquals([...Deno.readDirSync(file)], []);
  });
});

Deno.test("config --write keeps what the user or the client added to the entry", async () => {
  const args = ["--name", "mine"];
  const entry =
    '{"command":"mcp-oauth-proxy","env":{"MCP_SCOPE":"1","HTTPS_PROXY":"http://a"},"autoApprove":["add"]}';
  const before = new TextEncoder().encode(`{"mcpServers":{"mine":${entry}}}`);
  const { code, after, stderr } = await writeOver(before, ...args);
  assertEquals(code, 0, stderr);
  const { mine } = JSON.parse(new TextDecoder().decode(after)).mcpServers;
  assertEquals([mine.command, mine.autoApprove, mine.env.MCP_SCOPE, mine.env.HTTPS_PROXY], [
    "npx",
    ["add"],
    undefined,
    "http://a",
  ]);
});
