import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../../../src/commands/commands.ts";
import { bash } from "../../../../src/commands/completions/bash.ts";
import { fish } from "../../../../src/commands/completions/fish.ts";
import { powershell } from "../../../../src/commands/completions/powershell.ts";
import { COMMON_OPTIONS } from "../../../../src/commands/completions/words.ts";
import { zsh } from "../../../../src/commands/completions/zsh.ts";

const SCRIPTS = { bash, zsh, fish, powershell };

for (const [shell, script] of Object.entries(SCRIPTS)) {
  Deno.test(`the completions for ${shell} know every command and every option`, () => {
    const text = script();
    const options = [...COMMON_OPTIONS, ...COMMANDS.flatMap(({ options }) => options)];
    for (const { name } of COMMANDS) assertStringIncludes(text, name);
    for (const { name } of options) {
      assert(text.includes(`--${name}`) || text.includes(`-l ${name} `), name);
    }
  });
}

/** Shells complain of a locale that the machine has not, and bash reads a file of the user's. */
const ENV = { LC_ALL: "C", BASH_ENV: "" };

/** Runs a shell with a script on its stdin; the lines that it prints. */
async function linesOf(shell: string, args: string[], script: string): Promise<string[]> {
  const child = new Deno.Command(shell, {
    args,
    env: ENV,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(script));
  await writer.close();
  const { stdout, stderr } = await child.output();
  assertEquals(new TextDecoder().decode(stderr), "");
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
}

function isInstalled(shell: string): boolean {
  try {
    return new Deno.Command(shell, { args: ["--version"], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
}

/** A test that runs a shell, and says so in its name where this machine has none. */
function shellTest(shell: string, what: string, test: () => Promise<void>): void {
  const ignore = !isInstalled(shell);
  Deno.test({
    name: `${shell} ${what}${ignore ? ` (ignored: ${shell} is not installed)` : ""}`,
    ignore,
    fn: test,
  });
}

/** What bash offers behind these words. */
function inBash(...words: string[]): Promise<string[]> {
  const typed = ["mcp-oauth-proxy", ...words].map((word) => `'${word}'`).join(" ");
  return linesOf(
    "bash",
    ["--norc"],
    `${bash()}COMP_WORDS=(${typed}) COMP_CWORD=${words.length}
_mcp_oauth_proxy
printf '%s\\n' "\${COMPREPLY[@]}"\n`,
  );
}

shellTest("bash", "completes commands, their words and the values of options", async () => {
  assertEquals(await inBash("comp"), ["completions"]);
  assertEquals(await inBash("completions", "z"), ["zsh"]);
  assertEquals(await inBash("--log-level", "d"), ["debug"]);
  assertEquals(await inBash("--server-url", ""), []);
  assertEquals(await inBash("completions", "--log-f"), ["--log-format", "--log-file"]);
});

shellTest("bash", "offers commands and their words, and options only after a dash", async () => {
  assertEquals(await inBash(""), COMMANDS.map(({ name }) => name));
  assertEquals(await inBash("completions", ""), ["bash", "zsh", "fish", "powershell"]);
  assertEquals(await inBash("check", ""), []);
  const options = await inBash("check", "-");
  assert(options.includes("--json") && options.includes("--log-level"), options.join(" "));
  assert(options.every((option) => option.startsWith("--")));
});

/** What fish offers behind these words. */
async function inFish(words: string): Promise<string[]> {
  const script = `${fish()}complete -C 'mcp-oauth-proxy ${words}'\n`;
  return (await linesOf("fish", ["--no-config"], script)).map((line) => line.split("\t")[0]);
}

shellTest("fish", "completes commands, their words and the values of options", async () => {
  assertEquals(await inFish("comp"), ["completions"]);
  assertEquals(await inFish("completions z"), ["zsh"]);
  assertEquals(await inFish("--log-level d"), ["debug"]);
  assertEquals(await inFish("completions --log-f"), ["--log-format"]);
});

shellTest("zsh", "describes commands and options to its completion system", async () => {
  const specs = (command: string) =>
    linesOf(
      "zsh",
      ["-f"],
      `compdef() { }
_arguments() { print -rl -- "$@" }
${zsh()}words=(mcp-oauth-proxy ${command} '') CURRENT=${command ? 3 : 2}
_mcp_oauth_proxy\n`,
    );
  const program = await specs("");
  assert(program.some((spec) => spec.startsWith("1:command:((") && spec.includes("completions")));
  assert(program.some((spec) => spec.endsWith(":(error warn info debug)")));
  assert((await specs("completions")).includes("2:shell:(bash zsh fish powershell)"));
});
