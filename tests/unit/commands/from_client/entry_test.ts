import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CLIENTS } from "../../../../src/commands/config/clients.ts";
import { draftEntry } from "../../../../src/commands/config/draft.ts";
import { expandPath } from "../../../../src/commands/config/paths.ts";
import { snippet } from "../../../../src/commands/config/render.ts";
import { type EntryChoice, readEntry } from "../../../../src/commands/from_client/entry.ts";
import { CLIENT_NAMES, type ClientName } from "../../../../src/commands/names.ts";

const MACHINE = {
  os: "linux",
  homeFolder: () => "/home/me",
  currentFolder: () => "/work",
} as const;
const SETTINGS: Readonly<Record<string, string>> = {
  MCP_CLIENT_ID: "me",
  MCP_CLIENT_SECRET: "hunter2",
  MCP_SERVER_URL: "https://mcp.example.com/mcp",
};

/** A machine with files, variables and what is piped to stdin. */
function machine(
  files: Readonly<Record<string, string>>,
  { env = {}, stdin = "" }: { env?: Record<string, string>; stdin?: string } = {},
) {
  return {
    env: (name: string) => env[name],
    stdin: () => new Blob([stdin]).stream(),
    program: () => "mcp-oauth-proxy",
    stdinIsTerminal: () => false,
    hideInput() {},
    writeStderr() {},
    exit(): never {
      throw new Error("exit");
    },
    host: () =>
      Promise.resolve({ ...MACHINE, readIfThere: (path: string) => Promise.resolve(files[path]) }),
  };
}

/** The user's file of a client. */
function fileOf(client: ClientName): string {
  return expandPath(CLIENTS[client].file.linux, MACHINE);
}

/** The text of a client's file with the entry that `config` prints. */
function configured(client: ClientName, name = "mine"): string {
  const source = ({ variable }: { variable: string }) => SETTINGS[variable];
  const draft = draftEntry({
    source,
    client: CLIENTS[client],
    machine: MACHINE,
    launcher: "npx",
    name,
  });
  return snippet(CLIENTS[client], draft);
}

for (const client of CLIENT_NAMES) {
  Deno.test(`the entry that config prints for ${client} is read with its values`, async () => {
    const runtime = machine({ [fileOf(client)]: configured(client) }, {
      env: CLIENTS[client].inputs ? {} : { MINE_CLIENT_SECRET: "hunter2" },
      stdin: CLIENTS[client].inputs ? "hunter2\n" : "",
    });
    const { name, command, args, env, notes } = await readEntry({ client }, runtime);
    assertEquals([name, command, args], ["mine", [
      "npx",
      "-y",
      "--prefer-offline",
      "mcp-oauth-proxy@2",
    ], []]);
    const { MCP_CLIENT_SECRET_FILE: path, ...rest } = env;
    if (path) assertStringIncludes(path, "/home/me/.config/mcp-oauth-proxy/mine.");
    assertEquals({ MCP_CLIENT_SECRET: "hunter2", ...rest }, SETTINGS);
    assertEquals(notes, []);
  });
}

/** Reads an entry of Cursor's file. */
function fromCursor(entry: unknown, options: Parameters<typeof machine>[1] = {}) {
  const text = JSON.stringify({ mcpServers: { mine: entry } });
  return readEntry({ client: "cursor" }, machine({ [fileOf("cursor")]: text }, options));
}

Deno.test("the proxy's own arguments are those after its program", async () => {
  const argsOf = async (command: string, args: string[]) =>
    (await fromCursor({ command, args })).args;
  assertEquals(await argsOf("mcp-oauth-proxy", ["--dpop"]), ["--dpop"]);
  assertEquals(await argsOf("npx", ["-p", "mcp-oauth-proxy", "mcp-oauth-proxy", "--dpop"]), [
    "--dpop",
  ]);
  assertEquals(
    await argsOf("deno", [
      "run",
      "--allow-read=/mcp-oauth-proxy",
      "jsr:@mcp-oauth-proxy/proxy",
      "-x",
    ]),
    ["-x"],
  );
  assertEquals(await argsOf("cmd", ["/c", "npx", "mcp-oauth-proxy@2", "--dpop"]), ["--dpop"]);
});

Deno.test("references are replaced like the client does it, and unset variables are reported", async () => {
  const command = "mcp-oauth-proxy";
  const env = {
    MCP_CLIENT_SECRET: "a${env:ONE}b",
    MCP_SCOPE: "${TWO}",
    MCP_CA_FILE: "${userHome}/ca.pem",
  };
  const known = await fromCursor({ command, env }, { env: { ONE: "1", TWO: "2" } });
  assertEquals(known.env, {
    MCP_CLIENT_SECRET: "a1b",
    MCP_SCOPE: "${TWO}",
    MCP_CA_FILE: "/home/me/ca.pem",
  });
  const unknown = await fromCursor({ command, env });
  assertEquals(unknown.env.MCP_CLIENT_SECRET, "ab");
  assertStringIncludes(unknown.notes.join("\n"), "ONE");
});

Deno.test("a value of the environment answers the client's question", async () => {
  const runtime = machine({ [fileOf("vscode")]: configured("vscode") }, {
    env: { MCP_CLIENT_SECRET: "preset" },
  });
  assertEquals((await readEntry({ client: "vscode" }, runtime)).env.MCP_CLIENT_SECRET, "preset");
});

Deno.test("without an answer, the error names the question", async () => {
  const runtime = machine({ [fileOf("vscode")]: configured("vscode") });
  await assertRejects(() => readEntry({ client: "vscode" }, runtime), Error, "MCP_CLIENT_SECRET");
});

async function rejected(choice: EntryChoice, files: Record<string, string>): Promise<string> {
  return (await assertRejects(() => readEntry(choice, machine(files)), Error)).message;
}

Deno.test("an entry that does not exist is reported with those that do", async () => {
  const file = fileOf("cursor");
  const none = await rejected({ client: "cursor" }, {});
  assertStringIncludes(none, file);
  assertStringIncludes(none, "config cursor");
  const other = JSON.stringify({ mcpServers: { other: { command: "x" } } });
  assertStringIncludes(
    await rejected({ client: "cursor" }, { [file]: other }),
    "no entry that starts",
  );
  assertStringIncludes(
    await rejected({ client: "cursor", name: "other" }, { [file]: other }),
    "does not start",
  );
  const two = JSON.stringify({
    mcpServers: { one: { command: "mcp-oauth-proxy" }, two: { command: "mcp-oauth-proxy" } },
  });
  assertStringIncludes(await rejected({ client: "cursor" }, { [file]: two }), "one, two");
  assertStringIncludes(
    await rejected({ client: "cursor", name: "tow" }, { [file]: two }),
    "did you mean two?",
  );
});

Deno.test("a file that is not JSON or TOML is reported with its path", async () => {
  const codex = fileOf("codex");
  assertStringIncludes(
    await rejected({ client: "codex" }, { [codex]: "[a" }),
    `cannot read ${codex}`,
  );
  const cursor = fileOf("cursor");
  assertStringIncludes(
    await rejected({ client: "cursor" }, { [cursor]: "{]" }),
    `cannot read ${cursor}`,
  );
});

Deno.test("the project's file comes first, and Claude Code's file has servers by project", async () => {
  const files = {
    "/work/.cursor/mcp.json": JSON.stringify({
      mcpServers: { mine: { command: "/project/mcp-oauth-proxy" } },
    }),
    [fileOf("cursor")]: JSON.stringify({ mcpServers: { mine: { command: "mcp-oauth-proxy" } } }),
    [fileOf("claude-code")]: JSON.stringify({
      projects: { "/work": { mcpServers: { local: { command: "mcp-oauth-proxy" } } } },
    }),
  };
  const cursor = await readEntry({ client: "cursor" }, machine(files));
  assertEquals([cursor.file, cursor.command], ["/work/.cursor/mcp.json", [
    "/project/mcp-oauth-proxy",
  ]]);
  assertEquals((await readEntry({ client: "claude-code" }, machine(files))).name, "local");
});

Deno.test("variables of the entry's envFile are read, and its env overrides them", async () => {
  const entry = {
    command: "mcp-oauth-proxy",
    envFile: "${workspaceFolder}/.env",
    env: { MCP_SCOPE: "b" },
  };
  const text = JSON.stringify({ servers: { mine: entry } });
  const files = {
    [fileOf("vscode")]: text,
    "/work/.env": '# c\nMCP_CLIENT_ID="me"\nMCP_SCOPE=a\n',
  };
  const { env } = await readEntry({ client: "vscode" }, machine(files));
  assertEquals(env, { MCP_CLIENT_ID: "me", MCP_SCOPE: "b" });
});
