import { run } from "./run.ts";

/** A static import or export of a chunk, as the bundler writes it. */
const CHUNK = /(?:from|import) "\.\/(chunk-\w+\.js)"/g;
/** An import that happens when it is needed. */
const LAZY = /import\("(\.\/[^"]+)"\)/g;

/**
 * Puts all chunks that `entry` loads at its start into one. The bundler makes a chunk for each set
 * of modules that the same entry points and lazily loaded modules share: sixteen for the command,
 * which would take a tenth of its start.
 *
 * @param folder the bundler's results
 * @param entry file name of the one whose start counts
 */
export async function mergeChunks(folder: string, entry: string): Promise<void> {
  const code = new Map<string, string>();
  for await (const { name } of Deno.readDir(folder)) {
    code.set(name, await Deno.readTextFile(`${folder}/${name}`));
  }
  const chunks = chunksOf(code, entry);
  checkNames(chunks.flatMap((name) => exportsOf(code.get(name)!)));
  const merged = chunks[0];
  const lazy = new Set([...code.values()].flatMap((text) => found(text, LAZY)));
  const all = `${folder}/all.js`;
  await Deno.writeTextFile(all, chunks.map((name) => `export * from "./${name}";\n`).join(""));
  const external = [...lazy].flatMap((path) => ["--external", path]);
  const flags = ["--quiet", "--no-config", ...external, "--output", `${folder}/${merged}`];
  await run(Deno.execPath(), ["bundle", ...flags, all]);

  for (const name of [...chunks.slice(1), "all.js"]) await Deno.remove(`${folder}/${name}`);
  for (const [name, text] of code) {
    if (chunks.includes(name)) continue;
    const redirected = text.replaceAll(
      CHUNK,
      (match, chunk) => chunks.includes(chunk) ? match.replace(chunk, merged) : match,
    );
    await Deno.writeTextFile(`${folder}/${name}`, withoutRepetition(redirected, merged));
  }
}

/** @throws {Error} if two chunks export the same name: then `export *` exports neither of them */
function checkNames(names: readonly string[]): void {
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length === 0) return;
  throw new Error(`Two files of src/ export ${twice.join(", ")}: rename one, or import it lazily`);
}

/** The names that a chunk exports, as the bundler writes them: `export { a, b as c };`. */
function exportsOf(text: string): string[] {
  return [...text.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list]) =>
    list.split(",").map((item) => item.trim().split(" as ").at(-1)!).filter((name) => name !== "")
  );
}

/** Without the imports of a chunk, for its effects only, that follow another import of it. */
function withoutRepetition(text: string, chunk: string): string {
  let isImported = text.includes(` from "./${chunk}"`);
  return text.replaceAll(`import "./${chunk}";\n`, (match) => {
    const kept = isImported ? "" : match;
    isImported = true;
    return kept;
  });
}

/** The chunks that `entry` imports, and those that these import. */
function chunksOf(code: ReadonlyMap<string, string>, entry: string): string[] {
  const chunks = new Set(found(code.get(entry)!, CHUNK));
  // What is added to the set while it is walked through comes next.
  for (const chunk of chunks) for (const next of found(code.get(chunk)!, CHUNK)) chunks.add(next);
  return [...chunks].sort();
}

function found(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, name]) => name);
}
