import type { Command } from "./command.ts";
import { CLIENT_NAMES, LAUNCHER_NAMES, SHELL_NAMES } from "./names.ts";

/** The one table of commands: it drives the command line, `--help` and the shell completions. */
export const COMMANDS: readonly Command[] = [
  {
    name: "check",
    meaning: "walk the whole way to the server, and say what is wrong",
    operands: [],
    options: [{ name: "json", meaning: "a JSON object a line, for programs" }],
    load: () => import("./check/check.ts"),
  },
  {
    name: "config",
    meaning: "print the entry for an MCP client, and where it goes",
    operands: [{ name: "client", optional: true, values: CLIENT_NAMES }],
    options: [
      { name: "run", meaning: "what starts the proxy", value: "launcher", values: LAUNCHER_NAMES },
      { name: "name", meaning: "what the client calls the server", value: "name" },
      { name: "project", meaning: "the file of this project instead of the user's" },
      { name: "write", meaning: "put the entry into the file, beside a backup" },
    ],
    load: () => import("./config/config.ts"),
  },
  {
    name: "call",
    meaning: "call a tool or a method once, and print the result",
    operands: [{ name: "method|tool" }, { name: "arguments", optional: true }],
    options: [],
    load: () => import("./call/call.ts"),
  },
  {
    name: "tools",
    meaning: "print the server's tools",
    operands: [],
    options: [],
    load: () => import("./tools/tools.ts"),
  },
  {
    name: "permissions",
    meaning: "print the least permissions that Deno has to give",
    operands: [],
    options: [],
    load: () => import("./permissions/permissions.ts"),
  },
  {
    name: "completions",
    meaning: "print the completions for a shell",
    operands: [{ name: "shell", values: SHELL_NAMES }],
    options: [],
    load: () => import("./completions/completions.ts"),
  },
];
