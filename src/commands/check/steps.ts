/** The steps of a check, by the names that it shows. */
export const STEP = {
  entry: "entry",
  settings: "settings",
  server: "server",
  challenge: "challenge",
  resource: "resource metadata",
  issuer: "authorization server",
  method: "client authentication",
  token: "token",
  refusal: "token refused",
  unused: "token not used",
  warning: "warning",
  mcp: "MCP",
  eras: "MCP versions",
  tools: "tools",
} as const;
