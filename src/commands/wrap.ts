/**
 * Breaks text into lines between words. A word that is longer than a line, such as a URL, gets a line
 * of its own and stays whole, so that it can be copied.
 *
 * @param columns longest line; without it, the text is one line
 */
export function wrap(text: string, columns = Infinity): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
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
  return Math.max(...text.split(" ").map((word) => word.length));
}
