/** Generated parts of a page, by the names in its markers. */
export type Sections = Readonly<Record<string, string>>;

/**
 * A text with its parts replaced. A part stands between `<!-- NAME … -->` and `<!-- end of NAME -->`.
 *
 * @throws {Error} if the text does not have the markers of a part
 */
export function withSections(text: string, sections: Sections): string {
  return Object.entries(sections).reduce((text, [name, section]) => {
    const markers = new RegExp(`(<!-- ${name}\\b[^>]*-->\\n)[^]*?(\\n<!-- end of ${name} -->)`);
    if (!markers.test(text)) throw new Error(`there are no markers for ${name}`);
    return text.replace(markers, (_, begin, end) => `${begin}\n${section}${end}`);
  }, text);
}

/** A table of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  return [head, head.map(() => "---"), ...rows].map(line).join("");
}

/** A block of code of Markdown. */
export function codeBlock(language: string, code: string): string {
  return `\`\`\`${language}\n${code.trimEnd()}\n\`\`\`\n`;
}

/** Code within a line of Markdown. */
export function code(text: string): string {
  return `\`${text}\``;
}
