import { assertEquals, assertStringIncludes } from "@std/assert";
import { runCommand, withFolder } from "../parts/run_command.ts";

const ENV = {
  MCP_CLIENT_ID: "test-client",
  MCP_CLIENT_SECRET: "test-secret",
  MCP_SERVER_URL: "http://127.0.0.1:1/mcp",
  MCP_AUTH_SERVER_URL: "http://127.0.0.1:1/token",
};

const posixTest = (name: string, fn: () => Promise<void>) =>
  Deno.test({ name, ignore: Deno.build.os === "windows", fn });

for (const variable of ["MCP_CLIENT_SECRET_FILE", "MCP_CA_FILE", "MCP_ACCESS_TOKEN_FILE"]) {
  posixTest(
    `A file of the settings never ends: it is read up to 4 MiB, and the error says so (${variable})`,
    async () => {
      const { MCP_CLIENT_SECRET: _, ...env } = ENV;
      const { code, stdout, stderr } = await runCommand(["call", "ping"], {
        env: { ...variable === "MCP_CA_FILE" ? ENV : env, [variable]: "/dev/zero" },
      });
      assertEquals(code === 0, false);
      assertStringIncludes(stdout + stderr, "it has more than 4 MiB");
    },
  );
}

posixTest(
  "The file of an MCP client never ends: `check --from` reads it up to 64 MiB, and the error says so",
  () =>
    withFolder(async (home) => {
      await Deno.mkdir(`${home}/.cursor`);
      await Deno.symlink("/dev/zero", `${home}/.cursor/mcp.json`);
      const { code, stderr } = await runCommand(["check", "--from", "cursor"], {
        env: { HOME: home },
        cwd: home,
      });
      assertEquals(code, 1);
      assertStringIncludes(stderr, ".cursor/mcp.json cannot be read: it has more than 64 MiB");
    }),
);
