import { plain } from "../../log/escape.ts";
import { oneShot } from "../client/one_shot.ts";
import { listTools } from "../client/tools.ts";
import type { Invocation } from "../command.ts";
import { definitions } from "../help/definitions.ts";

/** `tools`: lists the tools of the server, of all pages; on a terminal in columns, elsewhere as JSON. */
export async function run(invocation: Invocation): Promise<number> {
  const columns = (await invocation.runtime.host()).columns();
  return await oneShot(invocation, async (client) => {
    const json = await listTools(client);
    return { json, text: invocation.options.json ? undefined : toolsText(json, columns) };
  });
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
