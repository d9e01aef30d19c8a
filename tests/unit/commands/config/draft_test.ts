import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { changeOf } from "../../../../src/commands/config/change.ts";
import { CLIENTS } from "../../../../src/commands/config/clients.ts";
import { draftEntry } from "../../../../src/commands/config/draft.ts";
import { expandPath } from "../../../../src/commands/config/paths.ts";
import { snippet } from "../../../../src/commands/config/render.ts";
import {
  CLIENT_NAMES,
  type ClientName,
  type LauncherName,
} from "../../../../src/commands/names.ts";

const MACHINE = {
  os: "linux",
  homeFolder: () => "/home/me",
  currentFolder: () => "/work",
} as const;
const SECRETS = {
  MCP_CLIENT_SECRET: "hunter2-secret",
  MCP_PRIVATE_KEY: "-----BEGIN hunter2-key-----",
  MCP_HEADERS: "X-Api-Key: hunter2-header",
  MCP_TOKEN_PARAMS: "api_key=hunter2-parameter",
};
const ENV = { MCP_CLIENT_ID: "me", MCP_SERVER_URL: "https://mcp.example.com/mcp" };

function draft(
  client: ClientName,
  env: Record<string, string> = { ...ENV, MCP_CLIENT_SECRET: "hunter2-secret" },
  launcher: LauncherName = "npx",
  machine: Parameters<typeof draftEntry>[0]["machine"] = MACHINE,
) {
  const source = ({ variable }: { variable: string }) => env[variable];
  return draftEntry({ source, client: CLIENTS[client], machine, launcher });
}

for (const client of CLIENT_NAMES) {
  Deno.test(`the entry for ${client} contains only a reference to the secret`, () => {
    const drafted = draft(client, { ...ENV, ...SECRETS });
    const text = snippet(CLIENTS[client], drafted) + drafted.notes.join("\n") +
      drafted.secretNote;
    assert(!text.includes("hunter2"), text);
    assertStringIncludes(text, "MCP_CLIENT_SECRET");
    assertStringIncludes(text, "https://mcp.example.com/mcp");
  });
}

Deno.test("VS Code asks for the secret and hides what is typed", () => {
  const text = JSON.parse(snippet(CLIENTS.vscode, draft("vscode")));
  const [{ type, id, password }] = text.inputs;
  assertEquals({ type, password }, { type: "promptString", password: true });
  const { env, command, type: transport } = text.servers["mcp-example-com"];
  assertEquals(env.MCP_CLIENT_SECRET, `\${input:${id}}`);
  assertEquals([transport, command], ["stdio", "npx"]);
});

Deno.test("a client with references to variables takes the secret from its own environment", () => {
  assertEquals(draft("cursor").entry.env.MCP_CLIENT_SECRET, "${env:MCP_EXAMPLE_COM_CLIENT_SECRET}");
  assertEquals(
    draft("claude-code").entry.env.MCP_CLIENT_SECRET,
    "${MCP_EXAMPLE_COM_CLIENT_SECRET}",
  );
  assertEquals(
    draft("opencode").entry.env.MCP_CLIENT_SECRET,
    "{env:MCP_EXAMPLE_COM_CLIENT_SECRET}",
  );
});

Deno.test("two servers of a client have their own secrets", () => {
  for (const client of CLIENT_NAMES) {
    const secretOf = (name: string) => {
      const source = ({ variable }: { variable: string }) =>
        ({ ...ENV, MCP_CLIENT_SECRET: "x" } as Record<string, string>)[variable];
      const { env } =
        draftEntry({ source, client: CLIENTS[client], machine: MACHINE, launcher: "npx", name })
          .entry;
      return env.MCP_CLIENT_SECRET ?? env.MCP_CLIENT_SECRET_FILE;
    };
    assert(secretOf("one") !== secretOf("two"), client);
  }
});

Deno.test("an installed program is started by its name, a binary by its path", () => {
  const commandOf = (launcher: LauncherName, executable: string) => {
    const source = ({ variable }: { variable: string }) =>
      (ENV as Record<string, string>)[variable];
    return draftEntry({ source, client: {}, machine: MACHINE, launcher, executable }).entry.command;
  };
  assertEquals(commandOf("installed", "/usr/bin/node"), "mcp-oauth-proxy");
  assertEquals(commandOf("binary", "/usr/bin/node"), "mcp-oauth-proxy");
  assertEquals(commandOf("binary", "/opt/mcp-oauth-proxy"), "/opt/mcp-oauth-proxy");
});

Deno.test("a client without references to variables reads the secret from a file that the draft names", () => {
  const { entry, secretFile, secretNote } = draft("claude-desktop");
  const path = "/home/me/.config/mcp-oauth-proxy/mcp-example-com.client-secret";
  assertEquals(entry.env.MCP_CLIENT_SECRET_FILE, path);
  assertEquals(entry.env.MCP_CLIENT_SECRET, undefined);
  assertEquals(secretFile, path);
  assertStringIncludes(secretNote!, path);
});

Deno.test("a secret that is in a file or comes from a command stays there", () => {
  const file = draft("cursor", { ...ENV, MCP_CLIENT_SECRET_FILE: "my.secret" }).entry.env;
  assertEquals(file, { ...ENV, MCP_CLIENT_SECRET_FILE: "/work/my.secret" });
  const command = { ...ENV, MCP_CLIENT_SECRET_COMMAND: "op read op://a/b" };
  assertEquals(draft("cursor", command).entry.env, command);
});

Deno.test("every setting that is set is in the entry", () => {
  const env = { ...ENV, MCP_CLIENT_SECRET_FILE: "/s", MCP_SCOPE: "a b", MCP_LOG_LEVEL: "debug" };
  assertEquals(draft("zed", env).entry.env, env);
});

Deno.test("required settings that are not set have examples, and are named", () => {
  const { entry, missing, notes } = draft("cursor", {});
  assertEquals(missing, ["MCP_CLIENT_ID", "MCP_SERVER_URL"]);
  assert(URL.canParse(entry.env.MCP_SERVER_URL));
  assertStringIncludes(notes.join("\n"), "MCP_CLIENT_ID");
});

Deno.test("Deno starts the proxy with the permissions that the entry's settings need", () => {
  const env = { ...ENV, MCP_CLIENT_SECRET_FILE: "/s" };
  const { command, args } = draft("zed", env, "deno").entry;
  assertEquals(command, "deno");
  assertEquals(args.slice(0, 2), ["run", "--no-config"]);
  assert(args.includes("--allow-read=/s"));
  assert(args.includes("--allow-env=MCP_CLIENT_ID,MCP_CLIENT_SECRET_FILE,MCP_SERVER_URL"));
  assertEquals(args.at(-1), "jsr:@mcp-oauth-proxy/proxy@^2");
});

Deno.test("Claude Code on Windows starts npx through cmd", () => {
  const windows = { ...MACHINE, os: "windows" } as const;
  const { command, args } = draft("claude-code", undefined, "npx", windows).entry;
  assertEquals([command, ...args], [
    "cmd",
    "/c",
    "npx",
    "-y",
    "--prefer-offline",
    "mcp-oauth-proxy@2",
  ]);
});

Deno.test("each system has its own file", () => {
  const { file } = CLIENTS.vscode;
  const at = (os: "linux" | "macos" | "windows", homeFolder: string) =>
    expandPath(file[os], { os, homeFolder: () => homeFolder });
  assertEquals(at("linux", "/home/me"), "/home/me/.config/Code/User/mcp.json");
  assertEquals(
    at("macos", "/Users/me"),
    "/Users/me/Library/Application Support/Code/User/mcp.json",
  );
  assertEquals(
    at("windows", "C:\\Users\\me"),
    "C:\\Users\\me\\AppData\\Roaming\\Code\\User\\mcp.json",
  );
});

Deno.test("Codex gets TOML with the path of the secret's file", () => {
  const text = snippet(CLIENTS.codex, draft("codex"));
  assertStringIncludes(text, "[mcp_servers.mcp-example-com]\n");
  assertStringIncludes(text, 'MCP_CLIENT_SECRET_FILE = "/home/me/.config/');
});

Deno.test("a change shows the lines that change, and no secret that was there", () => {
  const before = '{\n  "other": "private",\n  "MCP_CLIENT_SECRET": "hunter2"\n}\n';
  const after =
    '{\n  "other": "private",\n  "MCP_CLIENT_SECRET": "${env:MCP_EXAMPLE_COM_CLIENT_SECRET}"\n}\n';
  assertEquals(
    changeOf(before, after),
    '-   "MCP_CLIENT_SECRET": "[redacted]"\n+   "MCP_CLIENT_SECRET": "${env:MCP_EXAMPLE_COM_CLIENT_SECRET}"\n',
  );
});
