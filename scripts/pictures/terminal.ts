import type { Line, Span } from "./ansi.ts";
import { escapeXml, type Theme } from "./theme.ts";

const FONT_SIZE = 14;
const CHARACTER_WIDTH = 8.4;
const LINE_HEIGHT = 21;
const PADDING = 20;
const TITLE_BAR = 36;

/** A terminal with a command and its output. */
export function terminal(
  command: string,
  output: readonly Line[],
  columns: number,
  theme: Theme,
): string {
  const lines: Line[] = [[{ text: "$ ", style: 2 }, { text: command, style: 0 }], ...output];
  const width = columns * CHARACTER_WIDTH + 2 * PADDING;
  const height = TITLE_BAR + lines.length * LINE_HEIGHT + PADDING;
  const rows = lines.map((line, at) => row(line, at, theme)).join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(command)}">
<style>
  text { font: ${FONT_SIZE}px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre; fill: ${theme.text} }
</style>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" ` +
    `fill="${theme.background}" stroke="${theme.border}"/>
${
      [theme.red, theme.yellow, theme.green]
        .map((colour, at) => `<circle cx="${PADDING + at * 18}" cy="18" r="5.5" fill="${colour}"/>`)
        .join("")
    }
${rows}</svg>
`;
}

function row(line: Line, at: number, theme: Theme): string {
  const y = TITLE_BAR + at * LINE_HEIGHT + FONT_SIZE;
  let column = 0;
  const spans = line.map((span) => {
    const x = PADDING + column * CHARACTER_WIDTH;
    column += [...span.text].length;
    return text(span, x, y, theme);
  });
  return `<g>${spans.join("")}</g>\n`;
}

/** Every font has to fill the same columns. */
function text({ text, style }: Span, x: number, y: number, theme: Theme): string {
  const blanks = text.length - text.trimStart().length;
  const shown = text.trim();
  if (shown === "") return "";
  const left = (x + blanks * CHARACTER_WIDTH).toFixed(1);
  const length = ([...shown].length * CHARACTER_WIDTH).toFixed(1);
  return `<text x="${left}" y="${y}" textLength="${length}"${look(style, theme)}>${
    escapeXml(shown)
  }</text>`;
}

function look(style: number, theme: Theme): string {
  const looks: Readonly<Record<number, string>> = {
    1: ` style="font-weight: 600"`,
    2: ` style="fill: ${theme.dim}"`,
    31: ` style="fill: ${theme.red}"`,
    32: ` style="fill: ${theme.green}"`,
    33: ` style="fill: ${theme.yellow}"`,
  };
  return looks[style] ?? "";
}
