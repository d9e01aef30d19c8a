import { memberSpan } from "../../json/spans.ts";
import { METHOD } from "../../mcp/methods.ts";
import type { McpClient } from "./mcp_client.ts";
import { MAX_PAGES } from "../../limits.ts";

/** All tools of a server: a JSON array, each item as the server wrote it. */
export async function listTools(client: McpClient): Promise<string> {
  const pages: string[] = [];
  let params = "{}";
  for (let page = 0; page < MAX_PAGES; page++) {
    const result = await client.request(METHOD.listTools, params);
    const tools = memberSpan(result, "tools");
    const items = tools && result[tools[0]] === "["
      ? result.slice(...tools).trim().slice(1, -1).trim()
      : "";
    if (items) pages.push(items);
    const nextCursor = JSON.parse(result)?.nextCursor;
    if (typeof nextCursor !== "string") break;
    params = JSON.stringify({ cursor: nextCursor });
  }
  return `[${pages.join(",")}]`;
}
