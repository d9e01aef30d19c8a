const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** Valid JSON, indented as `JSON.stringify` does it, with numbers and texts as they were written. */
export function indented(json: string): string {
  let text = "";
  let depth = 0;
  let previous = "";
  for (const [token] of json.matchAll(TOKENS)) {
    const opened = previous === "{" || previous === "[";
    const closes = token === "}" || token === "]";
    if (closes) depth--;
    const isOnNewLine = opened ? !closes : closes || previous === ",";
    if (isOnNewLine) text += `\n${"  ".repeat(depth)}`;
    text += token === ":" ? ": " : token;
    if (token === "{" || token === "[") depth++;
    previous = token;
  }
  return text;
}
