import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { proxyCommand } from "../parts/proxy_command.ts";
import { runCommand, withFolder } from "../parts/run_command.ts";
import { startScriptedServer } from "../parts/scripted_server.ts";

const isWindows = Deno.build.os === "windows";

/** Runs a test with an entry of VS Code in a project, which starts the program under test. */
async function withEntry(
  test: (parts: {
    /** Runs a command in the project, with the secret on stdin. */
    run: (...args: string[]) => ReturnType<typeof runCommand>;
    /** The same in a script for a shell, in which `"$@"` starts the program. */
    runInShell: (script: string, ...args: string[]) => ReturnType<typeof runCommand>;
    secret: string;
  }) => Promise<void>,
  change: (entry: { command: string; env: Record<string, string> }) => void = () => {},
): Promise<void> {
  await using server = await startScriptedServer({});
  await withFolder(async (folder) => {
    const program = `${folder}/mcp-oauth-proxy`;
    const words = proxyCommand().map((word) => `'${word}'`).join(" ");
    await Deno.writeTextFile(program, `#!/usr/bin/env bash\nexec ${words} "$@"\n`, { mode: 0o755 });
    const { MCP_CLIENT_SECRET: secret, ...env } = server.env;
    const entry = { command: program, env: { ...env, MCP_CLIENT_SECRET: "${input:secret}" } };
    change(entry);
    const inputs = [
      { type: "promptString", id: "secret", description: "The secret", password: true },
    ];
    await Deno.mkdir(`${folder}/.vscode`);
    await Deno.writeTextFile(
      `${folder}/.vscode/mcp.json`,
      `// of the project\n${JSON.stringify({ inputs, servers: { mine: entry } })}`,
    );
    const runInShell = (script: string, ...args: string[]) =>
      runCommand(args, {
        command: ["bash", "-c", script, "-", ...proxyCommand()],
        env: {
          HOME: folder,
          DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
        },
        cwd: folder,
      });
    const run = (...args: string[]) => runInShell(`echo '${secret}' | "$@"`, ...args);
    await test({ run, runInShell, secret });
  });
}

Deno.test({
  name: "check --from tests the entry of a client, and asks for its secret",
  ignore: isWindows, // The program of the entry is a script for a Unix shell.
  async fn() {
    await withEntry(async ({ run, secret }) => {
      for (const words of [["--from", "vscode"], ["mine", "--from", "vscode", "--project"]]) {
        const { code, stdout, stderr } = await run("check", ...words);
        assertEquals(code, 0, stdout + stderr);
        assertStringIncludes(stdout, '"mine" in ');
        assertStringIncludes(stdout, "starts version ");
        assertStringIncludes(stdout, "MCP_CLIENT_SECRET, MCP_SERVER_URL");
        assertStringIncludes(stdout, "from the entry");
        assert(!(stdout + stderr).includes(secret));
      }
    });
  },
});

Deno.test({
  name: "check --from fails if the program of the entry cannot be started",
  ignore: isWindows,
  async fn() {
    await withEntry(async ({ run }) => {
      const { code, stdout } = await run("check", "--from", "vscode");
      assertEquals(code, 1);
      assertStringIncludes(stdout, "Failed at: entry");
    }, (entry) => entry.command = "/nowhere/mcp-oauth-proxy");
  },
});

Deno.test({
  name: "tools and call take their settings from an entry, and options override them",
  ignore: isWindows,
  async fn() {
    await withEntry(async ({ run }) => {
      const tools = await run("tools", "mine", "--from", "vscode");
      assertEquals(tools.code, 0, tools.stderr);
      assert(Array.isArray(JSON.parse(tools.stdout)));
      const call = await run("call", "ping", "--from", "vscode", "--name", "mine");
      assertEquals([call.code, call.stdout], [0, "{}\n"], call.stderr);
      const other = await run("call", "ping", "--from", "vscode", "--server-url", "nonsense");
      assertEquals(other.code, 2);
      assertStringIncludes(other.stderr, "MCP_SERVER_URL");
    });
  },
});

Deno.test("a name of a server needs --from", async () => {
  const { code, stderr } = await runCommand(["check", "mine"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "only with --from");
  assertEquals((await runCommand(["tools", "--name", "mine"])).code, 2);
});

Deno.test({
  name: "a terminal does not show the secret while it is typed",
  ignore: Deno.build.os !== "linux", // `script` of util-linux makes the terminal.
  async fn() {
    await withEntry(async ({ runInShell, secret }) => {
      // The second character is typed wrongly and erased.
      const typed = `${secret[0]}x\\177${secret.slice(1)}\\r`;
      const { code, stdout } = await runInShell(
        `mkfifo keys; printf -v words '%q ' "$@"
        script -qfec "$words" screen <keys >/dev/null & exec 3>keys
        until grep -q 'The secret: ' screen; do sleep 0.05; done
        printf '${typed}' >&3; wait $!; code=$?; cat screen; exit $code`,
        "call",
        "ping",
        "--from",
        "vscode",
      );
      assertEquals(code, 0, stdout);
      assertStringIncludes(stdout, "The secret: ");
      assertStringIncludes(stdout, "{}");
      assert(!stdout.includes(secret), stdout);
    });
  },
});
