import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { proxyEnvironment } from "../parts/proxy_command.ts";
import { withFolder } from "../parts/run_command.ts";
import { type ScriptedServer, startScriptedServer } from "../parts/scripted_server.ts";
import { codeBlocks, pages } from "./markdown.ts";

const page = (await pages()).find(({ path }) => path === "docs/library.md")!;
const examples = codeBlocks(page).filter(({ language }) => language === "ts");

/** An example with what it names on the web led to a scripted server, and its package to the sources. */
function ledHere(code: string, server: ScriptedServer): string {
  return code
    .replaceAll('"mcp-oauth-proxy"', JSON.stringify(import.meta.resolve("../../mod.ts")))
    .replaceAll("https://mcp.example.com/mcp", server.url)
    .replaceAll("https://auth.example.com/token", server.tokenEndpoint);
}

/** Runs Deno on examples, each in a file of its own, with nothing on stdin. */
async function deno(args: string[], codes: string[], server: ScriptedServer) {
  let result = { code: -1, stdout: "", stderr: "" };
  await withFolder(async (folder) => {
    const paths = codes.map((_, index) => `${folder}/example_${index}.ts`);
    for (const [index, path] of paths.entries()) {
      await Deno.writeTextFile(path, ledHere(codes[index], server));
    }
    const { code: exit, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...args, "--config", "deno.json", ...paths],
      env: proxyEnvironment(),
      clearEnv: true,
      stdin: "null",
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    result = { code: exit, stdout: out, stderr: err };
  });
  return result;
}

function run(code: string, server: ScriptedServer) {
  return deno(["run", "-A"], [code], server);
}

Deno.test("the types of each example of the library are right", async () => {
  await using server = await startScriptedServer();
  const { code, stderr } = await deno(["check"], examples.map(({ code }) => code), server);
  assertEquals(code, 0, stderr);
});

Deno.test("each example of the library is a program that runs", async () => {
  assertEquals(examples.length, 3);
  for (const { code } of examples) {
    await using server = await startScriptedServer();
    const result = await run(code, server);
    assertEquals(result.code, 0, result.stderr);
  }
});

Deno.test("the example of settings prints what is wrong, by variable", async () => {
  await using server = await startScriptedServer();
  const { stdout } = await run(examples[1].code, server);
  assertStringIncludes(stdout, "MCP_SERVER_URL: not a URL");
  assertStringIncludes(stdout, "MCP_CLIENT_SECRET");
});

Deno.test("the example of streams talks to the server, and ends the session", async () => {
  await using server = await startScriptedServer();
  const { stdout } = await run(examples[2].code, server);
  assertEquals(stdout, "scripted\n");
  assert(server.received("DELETE").length === 1);
});
