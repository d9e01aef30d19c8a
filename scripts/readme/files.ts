import { codeBlock } from "./sections.ts";

/** The documentation of a whole file, if it has one: at its start, before an empty line. */
const OF_FILE = /^\/\*\*((?:(?!\*\/)[^])*)\*\/\n\n/;
/** The documentation of a function or a class: usually what the file is for. */
const OF_CODE = /\/\*\*((?:(?!\*\/)[^])*)\*\/\s*export (?:async )?(?:function\*?|class) (\w+)/;
const OF_EXPORT = /\/\*\*((?:(?!\*\/)[^])*)\*\/\s*export/;
const OF_ANYTHING = /\/\*\*((?:(?!\*\/)[^])*)\*\//;

/** The files of a folder, each with the first sentence of its documentation, as a block of code. */
export function fileList(root: string): string {
  const lines: string[] = [];
  for (const [folder, files] of Map.groupBy(filesIn(root), folderOf)) {
    lines.push(`${folder}/`);
    for (const path of files) {
      const name = path.slice(folder.length + 1);
      lines.push(`  ${name}: ${firstSentence(Deno.readTextFileSync(path))}`);
    }
  }
  return codeBlock("text", lines.join("\n"));
}

/** The documentation of what `create…` makes, which says more than that of the function. */
function madeBy(create: string): RegExp {
  const type = create.slice("create".length);
  return new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*(?:export )?(?:interface|type) ${type}\\b`);
}

/** The first sentence of a file's documentation; empty if it has none. */
export function firstSentence(source: string): string {
  const [, , name = ""] = OF_CODE.exec(source) ?? [];
  const made = name.startsWith("create") ? [madeBy(name)] : [];
  const [, comment = ""] = [OF_FILE, ...made, OF_CODE, OF_EXPORT, OF_ANYTHING]
    .reduce<RegExpExecArray | null>((found, pattern) => found ?? pattern.exec(source), null) ?? [];
  const text = comment.replace(/^\s*\* ?/gm, " ").replace(/\s+/g, " ").trim()
    .replace(/\{@\w+ ([^}]+)\}/g, "$1");
  return /^.*?(?=\.( |$)| @)/.exec(text)?.[0] ?? text;
}

/** Paths of all files in a folder: its own first, then those of its folders, in order. */
export function filesIn(root: string): string[] {
  const entries = [...Deno.readDirSync(root)].sort((a, b) => a.name < b.name ? -1 : 1);
  const paths = (isFile: boolean) =>
    entries.filter((entry) => entry.isFile === isFile).map(({ name }) => `${root}/${name}`);
  return [...paths(true), ...paths(false).flatMap(filesIn)];
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
