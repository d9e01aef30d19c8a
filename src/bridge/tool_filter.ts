import { errorReply, INVALID_PARAMS, type Message, resultOf, tryParse } from "../json/jsonrpc.ts";
import type { Text } from "../json/text.ts";
import { memberOf } from "../json/value.ts";
import { onceEach } from "../log/once_each.ts";
import type { Log } from "../log/log.ts";
import { METHOD } from "../mcp/methods.ts";
import { withoutTools } from "../mcp/tool_parameters.ts";
import { changed } from "../upstream/reply.ts";
import type { Reply, Upstream, Waiting } from "../upstream/upstream.ts";
import { splitBatch } from "./batch.ts";
import { paramsOf } from "./request_text.ts";

/** Which tools a client may see and call; names may contain `*`. */
export interface ToolPatterns {
  /** If there are any, only tools that one of them matches. */
  readonly allow: readonly string[];
  /** Never these, even if they are allowed. */
  readonly deny: readonly string[];
}

/**
 * Hides tools from the client: it neither sees them in tools/list nor can it call them.
 *
 * @param onHidden takes the name of each tool that is removed from a tools/list
 */
export function toolFilter(
  upstream: Upstream,
  { allow, deny }: ToolPatterns,
  log: Log,
  onHidden: (name: string) => void = () => {},
): Upstream {
  if (allow.length === 0 && deny.length === 0) return upstream;
  /** Patterns that no tool has matched yet. */
  const unmatched = new Set([...allow, ...deny]);
  const tellHidden = onceEach(
    (text) => log.info("OAuth Proxy", text),
    "More tools are hidden from the client; they are not listed here",
  );

  function isVisible(name: string): boolean {
    const isAllowed = allow.length === 0 || allow.some((pattern) => matches(pattern, name));
    return isAllowed && !deny.some((pattern) => matches(pattern, name));
  }

  function filtered(text: Text): Text {
    const message = tryParse(text);
    const tools = message && resultOf(message, "tools");
    if (!message || !Array.isArray(tools)) return text;
    const removed = new Set<number>();
    tools.forEach((tool: unknown, index) => {
      const name = String(memberOf(tool, "name"));
      for (const pattern of unmatched) if (matches(pattern, name)) unmatched.delete(pattern);
      if (isVisible(name)) return;
      removed.add(index);
      onHidden(name);
      tellHidden(`Tool ${name} is hidden from the client`);
    });
    if (resultOf(message, "nextCursor") === undefined) warnOfUnmatched();
    return removed.size === 0 ? text : withoutTools(message.text, removed);
  }

  function warnOfUnmatched(): void {
    for (const pattern of unmatched) {
      const variable = allow.includes(pattern) ? "MCP_TOOLS_ALLOW" : "MCP_TOOLS_DENY";
      log.warn("OAuth Proxy", `${variable}: no tool of the server matches "${pattern}"`);
    }
    unmatched.clear();
  }

  async function send(message: Message, waiting: Waiting): Promise<Reply> {
    if (message.kind === "batch") return splitBatch(message, (part) => send(part, waiting));
    if (message.method === METHOD.listTools) {
      return changed(await upstream.send(message, waiting), filtered);
    }
    if (message.method !== METHOD.callTool || message.kind !== "request") {
      return await upstream.send(message, waiting);
    }
    const name = paramsOf(message).get("name") ?? "null";
    if (isVisible(String(JSON.parse(name)))) return await upstream.send(message, waiting);
    const error = {
      code: INVALID_PARAMS,
      message: `Tool ${name} is hidden by MCP_TOOLS_ALLOW or MCP_TOOLS_DENY of mcp-oauth-proxy`,
    };
    return { kind: "single", messages: [errorReply(message.requests[0], error)] };
  }

  return { ...upstream, send };
}

/** Whether `name` is what `pattern` says, in which `*` stands for any characters. Linear in both. */
export function matches(pattern: string, name: string): boolean {
  const [start, ...parts] = pattern.split("*");
  const end = parts.pop();
  if (end === undefined) return name === start;
  if (name.length < start.length + end.length) return false;
  if (!name.startsWith(start) || !name.endsWith(end)) return false;
  let at = start.length;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= name.length - end.length;
}
