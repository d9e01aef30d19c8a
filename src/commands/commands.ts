import type { Command, Option } from "./command.ts";
import { CLIENT_NAMES, LAUNCHER_NAMES, SHELL_NAMES } from "./names.ts";

/** Options of the commands that can take their settings from the entry of an MCP client. */
const FROM_CLIENT: readonly Option[] = [
  {
    name: "from",
    description: "take the settings from the entry in this MCP client's own file",
    value: "client",
    values: CLIENT_NAMES,
  },
  { name: "name", description: "name of the server in the client", value: "name", needs: "from" },
  { name: "project", description: "read only the file of the project", needs: "from" },
];

/** The name of a server, for commands that need no other words. */
const SERVER_NAME = { name: "name", optional: true, needs: "from" } as const;

/** The one table of commands. The command line, `--help` and the completions use it. */
export const COMMANDS: readonly Command[] = [
  {
    name: "check",
    description: "diagnose the connection step by step",
    example: "check",
    operands: [SERVER_NAME],
    options: [{ name: "json", description: "print one JSON object per line" }, ...FROM_CLIENT],
    load: () => import("./check/check.ts"),
  },
  {
    name: "config",
    description: "print or write the entry for an MCP client",
    example: "config vscode --write",
    operands: [{ name: "client", optional: true, values: CLIENT_NAMES }],
    options: [
      {
        name: "run",
        description: "what starts the proxy",
        value: "launcher",
        values: LAUNCHER_NAMES,
      },
      { name: "name", description: "name of the server in the client", value: "name" },
      { name: "project", description: "use the file of this project instead of the user's file" },
      { name: "write", description: "write the entry into the file and keep a backup" },
      { name: "remove", description: "remove the entry from the file and keep a backup" },
      {
        name: "force",
        description: "with --write or --remove: change an entry that starts another program",
      },
      {
        name: "secret-from-stdin",
        description:
          "with --write: read the client secret from stdin and store it in a private file, " +
          "for clients that read it from a file",
      },
    ],
    load: () => import("./config/config.ts"),
  },
  {
    name: "call",
    description: "call a tool or an MCP method and print the result",
    example: `call add '{"a": 2, "b": 40}'`,
    operands: [{ name: "method|tool" }, { name: "arguments", optional: true }],
    options: FROM_CLIENT,
    load: () => import("./call/call.ts"),
  },
  {
    name: "tools",
    description: "list the tools of the server",
    example: "tools",
    operands: [SERVER_NAME],
    options: [
      { name: "json", description: "print the tools as JSON, also on a terminal" },
      ...FROM_CLIENT,
    ],
    load: () => import("./tools/tools.ts"),
  },
  {
    name: "permissions",
    description: "print the minimum Deno permissions",
    example: "permissions",
    operands: [],
    options: [],
    load: () => import("./permissions/permissions.ts"),
  },
  {
    name: "completions",
    description: "print the completion script for a shell",
    example: 'eval "$(mcp-oauth-proxy completions bash)"',
    usesSettings: false,
    operands: [{ name: "shell", values: SHELL_NAMES }],
    options: [],
    load: () => import("./completions/completions.ts"),
  },
];
