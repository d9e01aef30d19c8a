/** Names that commands take as arguments: clients, ways to start, shells. */

/** MCP clients that `config` knows. */
export const CLIENT_NAMES = [
  "vscode",
  "claude-desktop",
  "claude-code",
  "cursor",
  "windsurf",
  "zed",
  "cline",
  "codex",
  "copilot-cli",
  "gemini-cli",
  "kiro",
  "lm-studio",
  "opencode",
  "visual-studio",
] as const;
/** An MCP client. */
export type ClientName = typeof CLIENT_NAMES[number];

/** What can start the proxy. */
export const LAUNCHER_NAMES = ["npx", "installed", "deno", "binary"] as const;
/** What starts the proxy. */
export type LauncherName = typeof LAUNCHER_NAMES[number];

/** Shells that `completions` knows. */
export const SHELL_NAMES = ["bash", "zsh", "fish", "powershell"] as const;
/** A shell. */
export type ShellName = typeof SHELL_NAMES[number];
