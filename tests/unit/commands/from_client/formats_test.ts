import { assertEquals } from "@std/assert";
import { CLIENTS } from "../../../../src/commands/config/clients.ts";
import { expandPath } from "../../../../src/commands/config/paths.ts";
import { readEntry } from "../../../../src/commands/from_client/entry.ts";
import type { ClientName } from "../../../../src/commands/names.ts";

// Files as people and clients write them: with comments, trailing commas and other members.

const FORMATS: readonly [ClientName, what: string, text: string][] = [
  [
    "vscode",
    "comments, a trailing comma and a question",
    `// servers of the team
{
  "inputs": [
    { "type": "promptString", "id": "secret", "description": "The secret", "password": true },
  ],
  "servers": {
    /* over HTTP */ "other": { "type": "http", "url": "https://x.example.com//mcp" },
    "mine": {
      "type": "stdio",
      "command": "npx",
      "args": ["-y", "mcp-oauth-proxy@2", "--scope", "\${env:SCOPE}"],
      "env": { "MCP_CLIENT_SECRET": "\${input:secret}" }
    },
  }
}`,
  ],
  [
    "cursor",
    "a variable of the environment and a folder",
    `{ "mcpServers": { "mine": { "command": "\${userHome}/bin/mcp-oauth-proxy",
      "args": ["--scope", "\${env:SCOPE}"], "env": { "MCP_CLIENT_SECRET": "\${env:SECRET}" } } } }`,
  ],
  [
    "zed",
    "settings with comments",
    `// Zed settings
{
  "theme": "One Dark", // dark
  "context_servers": {
    "mine": {
      "source": "custom",
      "enabled": true,
      "command": "npx",
      "args": ["-y", "mcp-oauth-proxy@2", "--scope", "a b"],
      "env": { "MCP_CLIENT_SECRET": "hunter2" },
    },
  },
}`,
  ],
  [
    "zed",
    "the older form",
    `{ "context_servers": { "mine": { "settings": {}, "command": { "path": "npx",
      "args": ["mcp-oauth-proxy@2", "--scope", "a b"], "env": { "MCP_CLIENT_SECRET": "hunter2" } } } } }`,
  ],
  [
    "claude-code",
    "a variable with a default",
    `{ "numStartups": 7, "mcpServers": { "mine": { "type": "stdio", "command": "cmd",
      "args": ["/c", "npx", "-y", "mcp-oauth-proxy@2", "--scope", "\${NONE:-a b}"],
      "env": { "MCP_CLIENT_SECRET": "\${SECRET}" } } } }`,
  ],
  [
    "codex",
    "TOML with an inline table",
    `model = "o9" # best
[mcp_servers.mine]
command = 'npx'
args = [
  "-y", "mcp-oauth-proxy@2", # the proxy
  "--scope", "a b",
]
env = { MCP_CLIENT_SECRET = "hunter2" }
startup_timeout_sec = 20
`,
  ],
  [
    "codex",
    "TOML with a variable that is passed on",
    `[mcp_servers]
[mcp_servers."mine"]
command = "mcp-oauth-proxy"
args = ["--scope", "a b"]
env_vars = ["MCP_CLIENT_SECRET"]
`,
  ],
  [
    "cline",
    "members of its own",
    `{ "mcpServers": { "mine": { "autoApprove": ["add"], "disabled": false, "timeout": 60,
      "command": "docker", "args": ["run", "-i", "--rm", "-e", "MCP_CLIENT_SECRET",
      "ghcr.io/example/mcp-oauth-proxy:2", "--scope", "a b"],
      "env": { "MCP_CLIENT_SECRET": "hunter2" } } } }`,
  ],
  [
    "opencode",
    "a list of words",
    `{ "$schema": "https://opencode.ai/config.json", "mcp": { "mine": { "type": "local",
      "command": ["npx", "-y", "mcp-oauth-proxy@2", "--scope", "{env:SCOPE}"],
      "environment": { "MCP_CLIENT_SECRET": "{env:SECRET}" } } } }`,
  ],
];

const VARIABLES: Readonly<Record<string, string>> = {
  SCOPE: "a b",
  SECRET: "hunter2",
  MCP_CLIENT_SECRET: "hunter2",
};

for (const [client, what, text] of FORMATS) {
  Deno.test(`an entry of ${CLIENTS[client].title} is read: ${what}`, async () => {
    const machine = {
      os: "linux",
      homeFolder: () => "/home/me",
      currentFolder: () => "/work",
    } as const;
    const path = expandPath(CLIENTS[client].file.linux, machine);
    const { name, args, env, notes } = await readEntry({ client }, {
      env: (name) => VARIABLES[name],
      stdin: () => new Blob([]).stream(),
      program: () => "mcp-oauth-proxy",
      stdinIsTerminal: () => false,
      hideInput() {},
      writeStderr() {},
      exit(): never {
        throw new Error("exit");
      },
      host: () =>
        Promise.resolve({
          ...machine,
          readIfThere: (file: string) => Promise.resolve(file === path ? text : undefined),
        }),
    });
    assertEquals({ name, args }, { name: "mine", args: ["--scope", "a b"] });
    assertEquals(env, { MCP_CLIENT_SECRET: "hunter2" });
    assertEquals(notes, []);
  });
}
