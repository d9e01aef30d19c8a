/**
 * An entry for `mcp.json`, the file in which MCP clients list their servers.
 *
 * @param command program and arguments of the proxy
 * @param env its variables; the secret is left to the environment of the client
 */
export function mcpJson([command, ...args]: string[], env: Record<string, string>): string {
  const server = { command, args, env: { ...env, MCP_CLIENT_SECRET: "${MCP_CLIENT_SECRET}" } };
  return JSON.stringify({ mcpServers: { demo: server } }, null, 2);
}
