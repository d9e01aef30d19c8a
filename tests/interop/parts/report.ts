/** Rows of a table in the documentation, by the text of the first cell. */
const FOLDER = new URL(import.meta.resolve("../../../docs/")).pathname;

/**
 * Replaces the table between two markers of a page, if `deno task interop` asks for it.
 *
 * @param page file name in docs/
 * @param name of the markers: `<!-- interop: NAME -->` and `<!-- end of NAME -->`
 */
export async function writeTable(
  page: string,
  name: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  if (!Deno.env.has("INTEROP_WRITE")) return;
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const table = [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
  const [begin, end] = [`<!-- interop: ${name} -->`, `<!-- end of ${name} -->`];
  const text = await Deno.readTextFile(FOLDER + page);
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < 0) throw new Error(`${page} has no table ${name}`);
  await Deno.writeTextFile(
    FOLDER + page,
    `${text.slice(0, from)}${begin}\n\n${table}\n\n${text.slice(to)}`,
  );
}
