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
  warning: "warning",
  mcp: "MCP",
  tools: "tools",
} as const;

/** Prefixes of the proxy's errors, which say what the step says already. */
const PREFIXES = /^(Proxy error: |OAuth token fetch failed: |OAuth discovery failed: )+/;
/** Where an error stops to say what happened and begins to say what to do. */
const DEEDS = /(?<=[.;]) (?=(?:Check|Set|Allow|Unset|If|check|set|unset) )/;

/** An error of the proxy, taken apart: what happened, and what to do. */
export function takenApart(message: string): { happened: string; next: string[] } {
  const [happened, ...next] = message.replace(PREFIXES, "").split(DEEDS);
  const capital = (text: string) => text[0].toUpperCase() + text.slice(1).replace(/[.;]$/, "");
  return { happened: happened.replace(/[.;]$/, ""), next: next.map(capital) };
}
