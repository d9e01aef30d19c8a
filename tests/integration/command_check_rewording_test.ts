import { assertEquals, assertNotEquals } from "@std/assert";
import { startAuthorizationServer } from "../parts/authorization_server.ts";
import { createAuthority } from "../parts/certificates.ts";
import { startMcpServer } from "../parts/mcp_server.ts";
import { NOWHERE } from "../parts/nowhere.ts";
import { runCommand, withFolder } from "../parts/run_command.ts";
import { html, reply } from "../parts/scripted_answers.ts";
import { startScriptedServer } from "../parts/scripted_server.ts";
import { startTlsFront } from "../parts/tls_front.ts";

/** The sources under test; this test changes a copy of them. */
const ROOT = new URL("../../", import.meta.url);
/** What the program is made of. */
const PARTS = ["cli.ts", "deno.json", "deno.lock", "links", "src"];

/** Replaces all letters and digits; a text that was replaced before stays the same. */
const REPLACE = `.replace(/[a-z0-9]/gi, "x")`;

/** Where each error, each error of the settings and each log line gets its text. */
const TEXTS: readonly { file: string; before: string; after: string }[] = [
  {
    file: "src/errors.ts",
    before: `this.problem = parts.problem;
    this.hint = parts.hint;`,
    after: `this.message = this.message${REPLACE};
    this.problem = parts.problem${REPLACE};
    this.hint = parts.hint?${REPLACE};`,
  },
  {
    file: "src/log/log.ts",
    before: "redactMessage(message);",
    after: `redactMessage(message)${REPLACE};`,
  },
];

async function copy(from: URL, to: string): Promise<void> {
  if (!(await Deno.stat(from)).isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) {
    await copy(new URL(`${from}/${name}`), `${to}/${name}`);
  }
}

/** Runs a test with the program in which each error and each log line has another text. */
function withReworded(test: (command: readonly string[]) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    for (const part of PARTS) await copy(new URL(part, ROOT), `${folder}/${part}`);
    for (const { file, before, after } of TEXTS) {
      const text = await Deno.readTextFile(`${folder}/${file}`);
      assertEquals(text.split(before).length, 2, `${file} has the text once`);
      await Deno.writeTextFile(`${folder}/${file}`, text.replace(before, () => after));
    }
    await test([Deno.execPath(), "run", "-A", `${folder}/cli.ts`]);
  });
}

/** What `check` says, without the times. */
async function check(
  env: Record<string, string>,
  command?: readonly string[],
): Promise<Record<string, unknown>[]> {
  const { stdout } = await runCommand(["check", "--json"], { env, command });
  return stdout.trim().split("\n").map((line) => ({ ...JSON.parse(line), ms: 0 }));
}

/** The lines with all letters and digits replaced in the texts for people. */
function reworded(lines: readonly Record<string, unknown>[]): unknown {
  const x = (text: unknown) => typeof text === "string" ? text.replace(/[a-z0-9]/gi, "x") : text;
  return lines.map(({ message, next, ...line }) => ({
    ...line,
    message: x(message),
    next: Array.isArray(next) ? next.map(x) : next,
  }));
}

Deno.test({
  name: "check does the same if every error and every log line has another text",
  ignore: Deno.env.has("MCP_PROXY_COMMAND"),
  fn: () =>
    withReworded(async (command) => {
      await using issuer = await startAuthorizationServer();
      issuer.protect("https://other.example/mcp", ["mcp:tools"]);
      await using server = await startMcpServer({ authorizationServer: issuer });
      await using scripted = await startScriptedServer({
        initialize: () => html(),
        "server/discover": (request) =>
          reply(request, undefined, { status: 403, headers: { "www-authenticate": "Bearer" } }),
      });
      const identity = await (await createAuthority()).issue("localhost");
      await using front = await startTlsFront(scripted.url, { identity });
      const { clientId, clientSecret } = issuer.clients.client_secret_basic;
      const good = {
        MCP_CLIENT_ID: clientId,
        MCP_CLIENT_SECRET: clientSecret,
        MCP_SERVER_URL: server.url,
      };
      const runs: Readonly<Record<string, Record<string, string>>> = {
        "success": good,
        "wrong secret": { ...good, MCP_CLIENT_SECRET: "a-wrong-secret" },
        "wrong token endpoint": { ...good, MCP_AUTH_SERVER_URL: `${issuer.issuer}/nothing-here` },
        "wrong audience": { ...good, MCP_RESOURCE: "https://other.example/mcp" },
        "wrong path": { ...good, MCP_SERVER_URL: new URL("/", server.url).href },
        "server down": { ...good, MCP_SERVER_URL: `${NOWHERE}/mcp` },
        "unknown certificate": { ...good, MCP_SERVER_URL: `https://localhost:${front.port}/mcp` },
        "web page": scripted.env,
      };
      for (const [name, env] of Object.entries(runs)) {
        const [usual, other] = [await check(env), await check(env, command)];
        if (name !== "success") assertNotEquals(usual, other, `${name}: has other texts`);
        assertEquals(reworded(other), reworded(usual), name);
      }
    }),
});
