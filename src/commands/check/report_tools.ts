import type { McpClient } from "../client/mcp_client.ts";
import { listTools } from "../client/tools.ts";
import type { Finding } from "./report.ts";

/** Tools that are shown by name. */
const SHOWN = 5;

/** The names of the server's tools, without those that are hidden; `undefined` if it has no tools. */
export async function toolsOf(client: McpClient): Promise<string[] | undefined> {
  if (!client.hasTools) return undefined;
  const tools: unknown[] = JSON.parse(await listTools(client));
  return tools.map((tool) => String(Object(tool).name));
}

/** What to report of the tools. */
export function toolsFinding(
  names: readonly string[] | undefined,
  hiddenTools: ReadonlySet<string>,
): Finding {
  if (!names) return { message: "the server has no tools", values: { tools: 0 } };
  const hidden = [...hiddenTools];
  const filtered = hidden.length === 0
    ? ""
    : `; ${counted(hidden)} hidden by MCP_TOOLS_ALLOW or MCP_TOOLS_DENY`;
  return { message: counted(names) + filtered, values: { tools: names.length, hidden } };
}

/** The number of names, and the first ones. */
function counted(names: readonly string[]): string {
  if (names.length === 0) return "0";
  const more = names.length > SHOWN ? ", …" : "";
  return `${names.length}: ${names.slice(0, SHOWN).join(", ")}${more}`;
}
