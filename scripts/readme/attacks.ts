import { table } from "./sections.ts";

/** The files of tests/attacks in the order of the page, by what they are about. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  "Who gets the secret": [
    "issuers",
    "certificates",
    "scopes",
    "metadata_urls",
    "permissions",
    "misplaced_secrets",
  ],
  "Input that stops the program or fills its memory": [
    "patterns",
    "long_texts",
    "malformed_results",
    "answers",
    "client_floods",
    "floods",
    "signals",
    "endless_files",
  ],
  "What other people can see": [
    "faults",
    "redaction",
    "terminal",
    "token_cache",
    "headers",
    "prototype_names",
  ],
};

/** `"A did B: C happens"` at the places where tests are named. */
const TITLE = /(?:Test\(|\.test\(|\bname:)\s*(?:"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g;

/** The tables of what was tried and what happens, from the names of the tests. */
export function attacksTables(): string {
  checkFiles();
  const parts = Object.entries(FILES).map(([subject, files]) => {
    const rows = files.flatMap(rowsOf);
    return `### ${subject}\n\n${table(["What was tried", "What happens"], rows)}`;
  });
  return parts.join("\n");
}

function rowsOf(file: string): (readonly string[])[] {
  const text = Deno.readTextFileSync(`tests/attacks/${file}_test.ts`);
  const titles = [...text.matchAll(TITLE)].map(([, plain, template]) => plain ?? template)
    .map((title) => title.replaceAll("\\`", "`").replace(/ \([^()]*\$\{.*\)$/, ""));
  const rows = [...new Set(titles)].map((title) => title.split(/: (.*)/))
    .filter(([, happens]) => happens !== undefined);
  if (rows.length === 0) throw new Error(`${file}_test.ts has no title with ": "`);
  const code = rows.flat().find((words) => words.includes("${"));
  if (code !== undefined) {
    throw new Error(`${file}_test.ts: "${code}" has code outside of the brackets at its end`);
  }
  return rows.map(([tried, happens]) => [tried, happens]);
}

/** No file may be left out. */
function checkFiles(): void {
  const known = new Set(Object.values(FILES).flat());
  for (const { name } of Deno.readDirSync("tests/attacks")) {
    const file = name.replace("_test.ts", "");
    if (!known.has(file)) throw new Error(`scripts/readme/attacks.ts does not list ${name}`);
  }
}
