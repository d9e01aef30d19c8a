import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { proxyCommand } from "../parts/proxy_command.ts";
import { runCommand } from "../parts/run_command.ts";
import { call, withProxy } from "../parts/scripted_proxy.ts";

Deno.test("an unknown command exits with 2 and one line on stderr", async () => {
  const { code, stdout, stderr } = await runCommand(["chek"]);
  assertEquals([code, stdout], [2, ""]);
  assertMatch(
    stderr,
    /^\[Error\] unknown command; did you mean check\? Known commands: check, .*--help\n$/,
  );
});

Deno.test("a wrong argument names the help of the command, which exits with 0", async () => {
  const wrong = await runCommand(["completions", "tcsh"]);
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, "see completions --help");
  const { code, stdout, stderr } = await runCommand(["completions", "--help"]);
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, "bash, zsh, fish, powershell");
});

Deno.test("settings are options of commands too", async () => {
  const { code, stderr } = await runCommand(["call", "ping", "--server-url", "nonsense"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "MCP_SERVER_URL: not a URL");
});

Deno.test({
  name: "a command ends quietly if its reader closes the pipe",
  ignore: Deno.build.os === "windows", // Without `bash`.
  async fn() {
    for (const args of [["--help"], ["completions", "bash"]]) {
      const command = ["bash", "-c", '"$@" | :; echo "${PIPESTATUS[0]}"', "-", ...proxyCommand()];
      const { stdout, stderr } = await runCommand(args, { command });
      assertEquals([stdout, stderr], ["0\n", ""]);
    }
  },
});

for (const command of ["config cursor", "permissions", "completions bash", "check"]) {
  Deno.test(`${command} does nothing with an unknown option`, async () => {
    const { code, stdout, stderr } = await runCommand([...command.split(" "), "--projekt"]);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, "--projekt: unknown option");
  });
}

Deno.test({
  name: `a proxy that gets SIGTERM logs its totals before it exits${
    Deno.build.os === "windows" ? " (ignored: Windows has no SIGTERM)" : ""
  }`,
  ignore: Deno.build.os === "windows",
  fn: () =>
    withProxy({}, async ({ proxy }) => {
      await proxy.send(call(1));
      await proxy.response(1);
      proxy.kill("SIGTERM");
      assertEquals((await proxy.status).code, 143);
      assertMatch(proxy.stderr, /Ended requests=2 failed=0 retries=0 tokens=1 seconds=\d+\n$/);
    }),
});

Deno.test("the debug log of a real run contains no contents of messages", () =>
  withProxy({}, async ({ proxy }) => {
    await proxy.send(call(1, "a-private-tool", { value: "a-private-value" }));
    await proxy.response(1);
    await proxy.closeStdin();
    await proxy.status;
    assertMatch(proxy.stderr, /Answered method=tools\/call id=1 sent=\d+ received=\d+ status=200/);
    assert(!/private/.test(proxy.stderr), proxy.stderr);
  }, { env: { MCP_LOG_LEVEL: "debug" } }));

Deno.test({
  name: "the proxy says that it waits for an MCP client if a person starts it on a terminal",
  ignore: Deno.build.os !== "linux", // `script` makes a terminal.
  async fn() {
    const command = ["bash", "-c", 'script -qec "$(printf "%q " "$@")" /dev/null < /dev/null', "-"];
    const { stdout } = await runCommand([], {
      command: [...command, ...proxyCommand()],
      env: {
        MCP_CLIENT_ID: "me",
        MCP_CLIENT_SECRET: "my-secret",
        MCP_SERVER_URL: "http://127.0.0.1:9/mcp",
      },
    });
    assertStringIncludes(stdout, "waits for an MCP client on stdin");
  },
});
