import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startAuthorizationServer } from "../parts/authorization_server.ts";
import { startMcpServer } from "../parts/mcp_server.ts";
import { proxyCommand, proxyEnvironment } from "../parts/proxy_command.ts";
import { withFolder } from "../parts/run_command.ts";
import { codeBlocks, pages } from "./markdown.ts";

/** Pages that tell people to run commands of ours. */
const PAGES = ["README.md", "docs/commands.md", "CONTRIBUTING.md"];

/** Commands that .ci/run runs, since they take longer than a test may. */
const OF_CI = ["npx -y deno@2 task demo", "npx -y deno@2 task test"];

/** The shell commands of the pages, each once. */
async function commands(): Promise<string[]> {
  const told = (await pages()).filter(({ path }) => PAGES.includes(path)).flatMap(codeBlocks)
    .filter(({ language }) => language === "sh")
    .flatMap(({ code }) => code.trim().split("\n"));
  return [...new Set(told)];
}

/** Programs that stand for those of the commands: what they would download is here. */
async function writeStandIns(folder: string, hosts: Record<string, string>): Promise<void> {
  const quoted = (words: string[]) => words.map((word) => `'${word}'`).join(" ");
  const cli = new URL(import.meta.resolve("../../cli.ts")).href;
  const edits = Object.entries({ ...hosts, "jsr:@mcp-oauth-proxy/proxy": cli })
    .map(([from, to]) => `word="\${word//${from.replaceAll("/", "\\/")}/${to}}"`);
  await writeProgram(
    `${folder}/npx`,
    `[ "$1 $2" = "-y mcp-oauth-proxy@2" ] || { echo "npx $*: not here" >&2; exit 99; }
shift 2
exec ${quoted(proxyCommand())} "$@"`,
  );
  await writeProgram(
    `${folder}/deno`,
    `words=()
for word in "$@"; do ${edits.join("; ")}; words+=("$word"); done
exec '${Deno.execPath()}' "\${words[@]}"`,
  );
}

async function writeProgram(path: string, script: string): Promise<void> {
  await Deno.writeTextFile(path, `#!/usr/bin/env bash\n${script}\n`, { mode: 0o755 });
}

const windows = Deno.build.os === "windows";

Deno.test({
  name: `each shell command of the pages does what it says${
    windows ? " (ignored: they are for a Unix shell)" : ""
  }`,
  ignore: windows,
  async fn(t) {
    await using authorizationServer = await startAuthorizationServer();
    await using server = await startMcpServer({ authorizationServer });
    const { clientId, clientSecret } = authorizationServer.clients.client_secret_basic;
    await withFolder(async (folder) => {
      await writeStandIns(folder, {
        "mcp.example.com:443": new URL(server.url).host,
        "auth.example.com:443": new URL(authorizationServer.issuer).host,
      });
      const env = proxyEnvironment({
        MCP_CLIENT_ID: clientId,
        MCP_CLIENT_SECRET: clientSecret,
        MCP_SERVER_URL: server.url,
      });
      const PATH = `${folder}:${env.PATH}`;
      const home = await Deno.makeTempDir({ dir: folder });
      // Deno looks for what it has downloaded in the home folder, unless it is told.
      const info = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
      const { denoDir } = JSON.parse(new TextDecoder().decode(info.stdout));
      for (const command of await commands()) {
        if (OF_CI.includes(command)) continue;
        await t.step(command, async () => {
          const { code, stderr } = await new Deno.Command("bash", {
            args: ["-c", command],
            env: { ...env, PATH, HOME: home, DENO_DIR: denoDir },
            clearEnv: true,
            cwd: home,
            stdin: "null",
          }).output();
          assertEquals(code, 0, new TextDecoder().decode(stderr));
        });
      }
    });
  },
});

Deno.test("the commands that take long are run by .ci/run", async () => {
  const told = await commands();
  const ci = await Deno.readTextFile(".ci/run");
  for (const command of OF_CI) {
    assert(told.includes(command), command);
    assertStringIncludes(ci, command);
  }
});
