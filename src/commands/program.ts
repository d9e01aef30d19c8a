import type { Runtime } from "../runtime/types.ts";

/** How the user starts this program: npm sets a variable for programs that `npx` starts. */
export function programName({ env }: Pick<Runtime, "env">): string {
  return env("npm_command") === "exec" ? "npx -y mcp-oauth-proxy@2" : "mcp-oauth-proxy";
}
