import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { readCommandLine } from "../../src/command_line.ts";
import { COMMANDS } from "../../src/commands/commands.ts";
import { help } from "../../src/commands/help/help.ts";
import {
  flagOf,
  hasOption,
  readSettings,
  SETTINGS,
  SettingsError,
} from "../../src/settings/settings.ts";

const serverUrl = SETTINGS.find(({ key }) => key === "serverUrl")!;

function read(args: string[], env: Record<string, string> = {}) {
  return readCommandLine(args, (name) => env[name]);
}

Deno.test("without a command, the proxy is run", () => {
  const { command, problems } = read(["--server-url", "https://example.com/mcp"]);
  assertEquals({ command, problems }, {
    command: undefined,
    problems: [],
  });
});

Deno.test("a command takes operands, its own options and options of settings", () => {
  const line = read(["--server-url=https://a.example/mcp", "completions", "bash"]);
  assertEquals(line.command?.name, "completions");
  assertEquals(line.operands, ["bash"]);
  assertEquals(line.problems, []);
  assertEquals(line.source(serverUrl), "https://a.example/mcp");
});

Deno.test("an option overrides the variable, and the origin of each is known", () => {
  const env = { MCP_SERVER_URL: "https://env.example/mcp" };
  const both = read(["--server-url", "https://option.example/mcp"], env);
  assertEquals(both.source(serverUrl), "https://option.example/mcp");
  assertEquals(both.origin(serverUrl), "option");
  assertEquals(read([], env).origin(serverUrl), "environment");
  assertEquals(read([]).origin(serverUrl), undefined);
});

Deno.test("an unknown command gets one line that does not repeat it", () => {
  const [misuse] = read(["hunter2"]).problems;
  assertStringIncludes(misuse, "unknown command");
  for (const { name } of COMMANDS) assertStringIncludes(misuse, name);
  assert(!misuse.includes("hunter2"));
  assert(!misuse.includes("\n"));
});

Deno.test("a missing, a wrong and an extra operand are reported with what is expected", () => {
  assertStringIncludes(read(["completions"]).problems[0], "bash, zsh, fish, powershell");
  assertStringIncludes(read(["completions", "tcsh"]).problems[0], "bash, zsh, fish, powershell");
  assertStringIncludes(read(["completions", "zsh", "fish"]).problems[0], "too many");
});

Deno.test("with --from, an extra operand is reported with the option that names the server", () => {
  const { problems } = readCommandLine(["call", "add", "{}", "demo", "--from", "vscode"], () => "");
  assertEquals(problems, ["too many arguments for call; --name names the server; see call --help"]);
});

Deno.test("words that look like numbers stay words", () => {
  assertEquals(read(["completions", "007"]).operands, ["007"]);
});

Deno.test("a secret as an option is refused with its variable and without its value", () => {
  const [problem] = read(["--client-secret=hunter2"]).problems;
  assertStringIncludes(problem, "MCP_CLIENT_SECRET");
  assert(!problem.includes("hunter2"));
});

Deno.test("a switch takes the usual words for true and false, and refuses others", async () => {
  const env = { MCP_CLIENT_ID: "a", MCP_CLIENT_SECRET: "b", MCP_SERVER_URL: "https://a.example" };
  const allowHttp = async (...args: string[]) => {
    const { source } = read(args, { ...env, MCP_ALLOW_HTTP: "true" });
    return (await readSettings(source, () => Promise.reject())).allowHttp;
  };
  assertEquals(await allowHttp(), true);
  assertEquals(await allowHttp("--allow-http"), true);
  assertEquals(await allowHttp("--allow-http=true"), true);
  assertEquals(await allowHttp("--allow-http", "true"), true);
  assertEquals(await allowHttp("--allow-http=false"), false);
  assertEquals(await allowHttp("--allow-http", "false"), false);
  for (const word of ["yes", "1", "TRUE", "on"]) {
    assertEquals(await allowHttp(`--allow-http=${word}`), true, word);
  }
  for (const word of ["no", "0", "False", "off"]) {
    assertEquals(await allowHttp(`--allow-http=${word}`), false, word);
  }
  assertStringIncludes(
    (await assertRejects(() => allowHttp("--allow-http=maybe"), SettingsError)).message,
    "not a known value; use true or false",
  );
  const write = (...args: string[]) => read(["config", "cursor", ...args]);
  assertEquals(write("--write").options, { write: true });
  assertEquals(write("--write=false").options, {});
  assertStringIncludes(write("--write=no").problems[0], "--write takes no value");
});

Deno.test("an unknown option is reported once, by its name and without its value", () => {
  assertEquals(read(["-xhunter2"]).problems, ["-x: unknown option; see --help"]);
  assertEquals(read(["--x=hunter2"]).problems, ["--x: unknown option; see --help"]);
});

Deno.test("--help names every command and every setting with its option", () => {
  const text = help({ all: true, columns: 1000 }).replace(/\n +/g, " ");
  for (const { name, description } of COMMANDS) {
    assertStringIncludes(text, name);
    assertStringIncludes(text, description);
  }
  for (const setting of SETTINGS.filter(({ read }) => read)) {
    assertStringIncludes(text, setting.variable);
    assert(!hasOption(setting) || text.includes(`--${flagOf(setting)}`), setting.variable);
  }
});

Deno.test("no option of a command has the name of an option of a setting", () => {
  const flags = SETTINGS.map(flagOf);
  for (const { options } of COMMANDS) {
    for (const { name } of options) assert(!flags.includes(name), name);
  }
});

for (const command of COMMANDS) {
  Deno.test(`${command.name} --help says how to use it, and its code can be loaded`, async () => {
    const text = help(read([command.name, "--help"]));
    assertStringIncludes(text, `mcp-oauth-proxy ${command.name}`);
    for (const { name } of command.options) assertStringIncludes(text, `--${name}`);
    assertEquals(typeof (await command.load()).run, "function");
  });
}

Deno.test("help and version work as words", () => {
  assertEquals(read(["help"]).about, "help");
  assertEquals(read(["help", "check"]).command?.name, "check");
  assertEquals(read(["version"]).about, "version");
  assertEquals(read(["--help", "--all"]).all, true);
});

Deno.test("a misspelt command, client or option gets a suggestion", () => {
  assertStringIncludes(read(["chekc"]).problems[0], "did you mean check?");
  assertStringIncludes(read(["config", "vscod"]).problems[0], "did you mean vscode?");
  assertEquals(read(["--hlep"]).problems, ["--hlep: unknown option; did you mean --help?"]);
  assertEquals(read(["--scop=x"]).problems, ["--scop: unknown option; did you mean --scope?"]);
});
