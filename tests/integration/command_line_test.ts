import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { proxyCommand } from "../parts/proxy_command.ts";
import { runCommand } from "../parts/run_command.ts";
import { call, withProxy } from "../parts/scripted_proxy.ts";

Deno.test("a word that is no command ends with 2 and one line on stderr", async () => {
  const { code, stdout, stderr } = await runCommand(["chek"]);
  assertEquals([code, stdout], [2, ""]);
  assertMatch(stderr, /^\[Error\] no such command\. There are check, .*--help\n$/);
});

Deno.test("a command that is used wrongly leads to its own help, which ends with 0", async () => {
  const wrong = await runCommand(["completions", "tcsh"]);
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, "mcp-oauth-proxy completions --help");
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
  name: "a reader that has gone ends a command quietly",
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
  Deno.test(`${command} does nothing with an option that there is not`, async () => {
    const { code, stdout, stderr } = await runCommand([...command.split(" "), "--projekt"]);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, "--projekt: not known");
  });
}

Deno.test({
  name: `a proxy that is told to end sums up before it does${
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

Deno.test("the debug log of a real run has no contents in it", () =>
  withProxy({}, async ({ proxy }) => {
    await proxy.send(call(1, "a-private-tool", { value: "a-private-value" }));
    await proxy.response(1);
    await proxy.closeStdin();
    await proxy.status;
    assertMatch(proxy.stderr, /Answered method=tools\/call id=1 sent=\d+ received=\d+ status=200/);
    assert(!/private/.test(proxy.stderr), proxy.stderr);
  }, { env: { MCP_LOG_LEVEL: "debug" } }));
