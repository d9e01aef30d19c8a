import { plain } from "../../log/escape.ts";
import { oneShot } from "../client/one_shot.ts";
import { listTools } from "../client/tools.ts";
import type { Invocation } from "../command.ts";
import { definitions } from "../help/definitions.ts";

/**
 * `tools`: lists the tools of the server, of all pages; on a terminal in columns, elsewhere as JSON.
 * Tools that the tool filter hides are named on stderr.
 */
export async function run(invocation: Invocation): Promise<number> {
  const { options, runtime } = invocation;
  const columns = (await runtime.host()).columns();
  const hidden = new Set<string>();
  const code = await oneShot(invocation, async (client) => {
    const json = await listTools(client);
    return { json, text: options.json ? undefined : toolsText(json, columns) };
  }, { onToolHidden: (name) => hidden.add(name) });
  if (hidden.size > 0) {
    const names = [...hidden].map(plain).join(", ");
    runtime.writeStderr(`Hidden by MCP_TOOLS_ALLOW or MCP_TOOLS_DENY: ${names}\n`);
  }
  return code;
}

/** Names and descriptions of tools in columns. */
export function toolsText(json: string, columns = 80): string {
  const tools: unknown[] = JSON.parse(json);
  if (tools.length === 0) return "The server has no tools.";
  const rows = tools.map((tool) => {
    const { name, title, description } = Object(tool);
    const text = description ?? title ?? "";
    return [plain(String(name)), plain(String(text)).replace(/\s+/g, " ").trim()];
  });
  return definitions(rows, columns).trimEnd();
}
