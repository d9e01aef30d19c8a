/** Text in one style. */
export interface Span {
  readonly text: string;
  /** The code of ECMA-48's SGR that begins it; 0 for plain text. */
  readonly style: number;
}

/** A line of a terminal. */
export type Line = readonly Span[];

/** Lines of styled text from what a program wrote. It knows styles and no other control sequences. */
export function ansiLines(output: string): Line[] {
  return output.trimEnd().split("\n").map((line) => {
    // deno-lint-ignore no-control-regex
    const [first, ...rest] = line.split(/\x1b\[(\d*)m/);
    const spans: Span[] = [{ text: first, style: 0 }];
    for (let at = 0; at < rest.length; at += 2) {
      spans.push({ style: Number(rest[at]), text: rest[at + 1] });
    }
    return spans.filter(({ text }) => text !== "");
  });
}

/** The same without styles. */
export function textOf(lines: readonly Line[]): string {
  return lines.map((line) => line.map(({ text }) => text).join("").trimEnd()).join("\n");
}
