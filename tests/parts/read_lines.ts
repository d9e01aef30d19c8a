/**
 * Cuts a byte stream at line feeds and nowhere else, so that a carriage return or U+2028 in a line
 * reaches the test. What follows the last line feed counts as a line too. Linear in the length of a
 * line: its fragments are joined once.
 */
export async function readLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  let fragments: string[] = [];
  // Deno's decoder drops a U+FEFF wherever a chunk happens to begin with one, unless told to keep it.
  const decoder = new TextDecoderStream("utf-8", { ignoreBOM: true });
  for await (const text of stream.pipeThrough(decoder)) {
    const [rest, ...starts] = text.split("\n");
    fragments.push(rest);
    for (const start of starts) {
      onLine(fragments.join(""));
      fragments = [start];
    }
  }
  const last = fragments.join("");
  if (last !== "") onLine(last);
}
