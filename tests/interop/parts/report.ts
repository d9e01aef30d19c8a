/** Tables in the documentation that `deno task interop` writes. */
const FOLDER = new URL(import.meta.resolve("../../../docs/")).pathname;

type Row = readonly string[];

const line = (cells: Row) => `| ${cells.join(" | ")} |`;

/**
 * Replaces the table between two markers of a page, if `deno task interop` asks for it.
 *
 * @param page file name in docs/
 * @param name of the markers: `<!-- interop: NAME -->` and `<!-- end of NAME -->`
 */
export async function writeTable(
  page: string,
  name: string,
  head: Row,
  rows: readonly Row[],
): Promise<void> {
  await changeTable(page, name, () => [line(head), line(head.map(() => "---")), ...rows.map(line)]);
}

/**
 * Writes one row of a table, and keeps the others. The first cell tells rows apart.
 *
 * @param page file name in docs/
 * @param name of the markers
 */
export async function writeRow(page: string, name: string, head: Row, row: Row): Promise<void> {
  await changeTable(page, name, (lines) => {
    const first = (text: string) => text.split("|")[1]?.trim();
    const others = lines.slice(2).filter((other) => first(other) !== row[0]);
    const rows = [...others, line(row)].sort((a, b) => first(a)!.localeCompare(first(b)!));
    return [line(head), line(head.map(() => "---")), ...rows];
  });
}

async function changeTable(
  page: string,
  name: string,
  change: (lines: readonly string[]) => readonly string[],
): Promise<void> {
  if (!Deno.env.has("INTEROP_WRITE")) return;
  const [begin, end] = [`<!-- interop: ${name} -->`, `<!-- end of ${name} -->`];
  const text = await Deno.readTextFile(FOLDER + page);
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < 0) throw new Error(`${page} has no table ${name}`);
  const lines = text.slice(from, to).split("\n").filter((each) => each.startsWith("|"));
  const table = change(lines).join("\n");
  await Deno.writeTextFile(
    FOLDER + page,
    `${text.slice(0, from)}${begin}\n\n${table}\n\n${text.slice(to)}`,
  );
}
