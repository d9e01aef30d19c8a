/** The table of MCP clients: their files, and how an entry is written. */

import type { ClientName } from "../names.ts";

/** What an MCP client starts: a program, its arguments and its variables. */
export interface Entry {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** How a client's file refers to a variable of the environment. */
export interface Reference {
  /** The reference to a variable. */
  readonly to: (variable: string) => string;
  /** Finds references: the variable, and the value if it is not set. */
  readonly pattern: RegExp;
}

/** How an MCP client is configured, from its own documentation. */
export interface Client {
  /** Its name, as people know it. */
  readonly title: string;
  /** The user's file, by system: `~` is the home folder, `%APPDATA%` Windows' folder of that name. */
  readonly file: { readonly linux: string; readonly macos: string; readonly windows: string };
  /** The file of a project, from its folder. */
  readonly projectFile?: string;
  /** The member of the file that holds the servers by name. */
  readonly serversKey: string;
  /** The member of the user's file that holds more servers, by the path of a project's folder. */
  readonly projectsKey?: string;
  /** How the file refers to a variable of the user's environment; absent: it cannot. */
  readonly reference?: Reference;
  /** It asks the user for secrets, which its list of `inputs` declares. */
  readonly inputs?: true;
  /** A file in TOML instead of JSON. */
  readonly toml?: true;
  /** Forms the entry as the client wants it. */
  readonly entry?: (entry: Entry) => object;
  /** On Windows it starts scripts such as `npx` only through `cmd`. */
  readonly cmdOnWindows?: true;
  /** What is left for the user to do. */
  readonly nextStep?: string;
}

const everywhere = (path: string) => ({ linux: path, macos: path, windows: path });

/** The places of programs that keep their files where each system wants them. */
const native = (folder: string, path: string) => ({
  linux: `~/.config/${folder}/${path}`,
  macos: `~/Library/Application Support/${folder}/${path}`,
  windows: `%APPDATA%/${folder}/${path}`,
});

const withType = (type: string) => (entry: Entry) => ({ type, ...entry });
const SHELL: Reference = {
  to: (variable) => `\${${variable}}`,
  pattern: /\$\{([A-Za-z_]\w*)(?::-([^{}]*))?\}/g,
};
/** VS Code's references, which its list of `inputs` extends. */
export const ENV_REFERENCE: Reference = {
  to: (variable) => `\${env:${variable}}`,
  pattern: /\$\{env:([A-Za-z_]\w*)(?::-([^{}]*))?\}/g,
};
const OPENCODE: Reference = {
  to: (variable) => `{env:${variable}}`,
  pattern: /\{env:([A-Za-z_]\w*)(?::-([^{}]*))?\}/g,
};

/** The MCP clients, and how each is configured. */
export const CLIENTS: Readonly<Record<ClientName, Client>> = {
  "vscode": {
    title: "VS Code",
    file: native("Code", "User/mcp.json"),
    projectFile: ".vscode/mcp.json",
    serversKey: "servers",
    inputs: true,
    entry: withType("stdio"),
    nextStep: "VS Code asks for the secret at the first start of the server and stores it.",
  },
  "claude-desktop": {
    title: "Claude Desktop",
    file: native("Claude", "claude_desktop_config.json"),
    serversKey: "mcpServers",
    nextStep: "Quit Claude Desktop and start it again.",
  },
  "claude-code": {
    title: "Claude Code",
    file: everywhere("~/.claude.json"),
    projectFile: ".mcp.json",
    serversKey: "mcpServers",
    projectsKey: "projects",
    reference: SHELL,
    entry: withType("stdio"),
    cmdOnWindows: true,
  },
  "cursor": {
    title: "Cursor",
    file: everywhere("~/.cursor/mcp.json"),
    projectFile: ".cursor/mcp.json",
    serversKey: "mcpServers",
    reference: ENV_REFERENCE,
  },
  "windsurf": {
    title: "Windsurf",
    file: everywhere("~/.codeium/windsurf/mcp_config.json"),
    serversKey: "mcpServers",
    reference: ENV_REFERENCE,
    nextStep: "Click Refresh in Windsurf's list of MCP servers.",
  },
  "zed": {
    title: "Zed",
    file: {
      linux: "~/.config/zed/settings.json",
      macos: "~/.config/zed/settings.json",
      windows: "%APPDATA%/Zed/settings.json",
    },
    projectFile: ".zed/settings.json",
    serversKey: "context_servers",
  },
  "cline": {
    title: "Cline",
    file: everywhere("~/.cline/data/settings/cline_mcp_settings.json"),
    serversKey: "mcpServers",
    nextStep:
      'Before version 4, Cline keeps this file in VS Code\'s globalStorage: use its button "Configure MCP Servers".',
  },
  "codex": {
    title: "Codex",
    file: everywhere("~/.codex/config.toml"),
    projectFile: ".codex/config.toml",
    serversKey: "mcp_servers",
    toml: true,
  },
  "copilot-cli": {
    title: "GitHub Copilot CLI",
    file: everywhere("~/.copilot/mcp-config.json"),
    serversKey: "mcpServers",
    reference: SHELL,
    entry: (entry) => ({ type: "local", ...entry, tools: ["*"] }),
  },
  "gemini-cli": {
    title: "Gemini CLI",
    file: everywhere("~/.gemini/settings.json"),
    projectFile: ".gemini/settings.json",
    serversKey: "mcpServers",
    reference: SHELL,
  },
  "kiro": {
    title: "Kiro",
    file: everywhere("~/.kiro/settings/mcp.json"),
    projectFile: ".kiro/settings/mcp.json",
    serversKey: "mcpServers",
    reference: SHELL,
    nextStep: "Kiro asks once whether the server may use this variable.",
  },
  "lm-studio": {
    title: "LM Studio",
    file: everywhere("~/.lmstudio/mcp.json"),
    serversKey: "mcpServers",
  },
  "opencode": {
    title: "opencode",
    file: everywhere("~/.config/opencode/opencode.json"),
    projectFile: "opencode.json",
    serversKey: "mcp",
    reference: OPENCODE,
    entry: ({ command, args, env }) => ({
      type: "local",
      command: [command, ...args],
      enabled: true,
      environment: env,
    }),
  },
  "visual-studio": {
    title: "Visual Studio",
    file: everywhere("~/.mcp.json"),
    projectFile: ".mcp.json",
    serversKey: "servers",
    inputs: true,
    entry: withType("stdio"),
  },
};

/** What most clients take, for those that are not in the table. */
export const ANY_CLIENT: Pick<Client, "title" | "serversKey"> & Partial<Client> = {
  title: "an MCP client",
  serversKey: "mcpServers",
};
