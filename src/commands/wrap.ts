/** A setting with a quoted value, or a word. */
const UNBROKEN = /\w+="[^"]*"[^\s]*|\S+/g;

/**
 * Breaks text into lines between words. A word that is longer than a line, such as a URL, gets a line
 * of its own and stays whole, so that it can be copied; so does a setting such as `MCP_SCOPE="a b"`.
 *
 * @param columns longest line; without it, the text is one line
 */
export function wrap(text: string, columns = Infinity): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of wordsOf(text)) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** The length of the longest word. */
export function longestWord(text: string): number {
  return Math.max(...wordsOf(text).map((word) => word.length));
}

function wordsOf(text: string): string[] {
  return text.match(UNBROKEN) ?? [""];
}
