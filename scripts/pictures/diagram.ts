import { escapeXml, type Theme } from "./theme.ts";

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly title: string;
  readonly lines: readonly string[];
  readonly accent?: true;
}

const HEIGHT = 84;
const SIZE = { width: 780, height: 268 };

const BOXES: readonly Box[] = [
  {
    x: 10,
    y: 14,
    width: 200,
    title: "MCP client",
    lines: ["VS Code, Claude, Cursor,", "an agent in CI"],
  },
  {
    x: 300,
    y: 14,
    width: 190,
    title: "mcp-oauth-proxy",
    lines: ["gets and renews tokens,", "relays messages unchanged"],
    accent: true,
  },
  { x: 590, y: 14, width: 180, title: "MCP server", lines: ["protected by OAuth"] },
  {
    x: 300,
    y: 170,
    width: 190,
    title: "authorization server",
    lines: ["Keycloak, Entra ID,", "Auth0, Okta, …"],
  },
];

/** Who talks to whom. */
export function diagram(theme: Theme): string {
  const { width, height } = SIZE;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" role="img" aria-label="The proxy is between the MCP client and the MCP server">
<style>
  text { font: 13px -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; fill: ${theme.dim}; text-anchor: middle }
  .title { font-size: 15px; font-weight: 600; fill: ${theme.text} }
  line { stroke: ${theme.dim}; stroke-width: 1.5; marker-end: url(#end); marker-start: url(#end) }
</style>
<defs><marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" ` +
    `orient="auto-start-reverse"><path d="M0 0 L8 4 L0 8 Z" fill="${theme.dim}"/></marker></defs>
${BOXES.map((box) => drawBox(box, theme)).join("")}` +
    arrow([212, 56, 298, 56], ["stdio"], [255, 46]) +
    arrow([492, 56, 588, 56], ["HTTPS", "+ access token"], [540, 46]) +
    arrow([395, 100, 395, 168], [], [0, 0]) +
    label(["client ID and secret"], [318, 138]) + label(["access token"], [446, 138]) +
    `</svg>
`;
}

function drawBox({ x, y, width, title, lines, accent }: Box, theme: Theme): string {
  const middle = x + width / 2;
  const stroke = accent ? theme.blue : theme.border;
  const text = lines.map((line, at) =>
    `<text x="${middle}" y="${y + 50 + at * 18}">${escapeXml(line)}</text>`
  );
  return `<rect x="${x}" y="${y}" width="${width}" height="${HEIGHT}" rx="8" fill="${theme.box}" ` +
    `stroke="${stroke}" stroke-width="${accent ? 2 : 1}"/>` +
    `<text class="title" x="${middle}" y="${y + 28}">${escapeXml(title)}</text>${text.join("")}\n`;
}

function arrow(
  [x1, y1, x2, y2]: readonly [number, number, number, number],
  lines: readonly string[],
  at: readonly [number, number],
): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>${label(lines, at)}\n`;
}

/** Lines of text, the first one at the place and the others below the arrow. */
function label(lines: readonly string[], [x, y]: readonly [number, number]): string {
  return lines.map((line, at) => `<text x="${x}" y="${y + at * 28}">${escapeXml(line)}</text>`)
    .join("");
}
