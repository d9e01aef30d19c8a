import { fileURLToPath } from "node:url";

/** What an MCP client starts, and with which variables. */
export interface Entry {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The entry of the demo for `mcp.json`. It starts the proxy of this clone, with the Deno that npx has
 * or gets, so that it works as long as the clone is there.
 */
export function demoEntry(env: Record<string, string>): Entry {
  const path = (file: string) => fileURLToPath(import.meta.resolve(`../../${file}`));
  const deno = ["run", "-A", "--config", path("deno.json"), path("cli.ts")];
  return { command: "npx", args: ["-y", "--prefer-offline", "deno@2", ...deno], env };
}

/** The text of `mcp.json` with one entry. */
export function mcpJson(name: string, entry: Entry): string {
  return JSON.stringify({ mcpServers: { [name]: entry } }, null, 2);
}
