import { wrap } from "../wrap.ts";

const INDENT = 2;
const GAP = 2;
/** Part of the width that names may take; if they are longer, the texts go below them. */
const MAX_NAME_PART = 0.5;

/**
 * Names with their texts, which are wrapped with a hanging indent: next to the names if they fit,
 * otherwise below them.
 */
export function definitions(rows: readonly (readonly string[])[], columns: number): string {
  const longest = Math.max(...rows.map(([name]) => name.length));
  const isWide = INDENT + longest + GAP <= columns * MAX_NAME_PART;
  const indent = isWide ? INDENT + longest + GAP : 3 * INDENT;
  const hang = " ".repeat(indent);
  return rows.map(([name, text]) => {
    const lines = wrap(text, columns - indent);
    const start = " ".repeat(INDENT) + name;
    const first = isWide ? start.padEnd(indent) + lines.shift() : start;
    return [first, ...lines.map((line) => hang + line)].join("\n") + "\n";
  }).join("");
}
