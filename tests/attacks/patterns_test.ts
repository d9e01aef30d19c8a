import { assert } from "@std/assert";
import ts from "typescript";

// Text from outside must not cost more time than its length is worth: each regular expression in
// src/ is run on megabytes of what its own parts match.

/** Characters of the worst input. A pattern that is not linear takes minutes for it. */
const LONG = 1 << 20;
/** Characters of the first try: enough to tell a quadratic pattern, which takes seconds for it. */
const SHORT = 1 << 16;
/** Milliseconds for a first try; a linear pattern needs less than one. */
const PATIENCE = 1_000;

/** What a text can consist of, whatever the pattern. */
const ATOMS = [
  " ",
  "\t",
  "\n",
  "\r\n",
  "a",
  "A",
  "0",
  "é",
  "\u2028",
  ...`.-_:/\\"'{}[](),;=%&$#*+~<>@|!?`,
];

/** Every regular expression in a file of src/. */
function literalsOf(path: string, text: string): RegExp[] {
  const found: RegExp[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf("/");
      found.push(new RegExp(node.text.slice(1, end), node.text.slice(end + 1)));
    }
    node.forEachChild(visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest));
  return found;
}

async function* sources(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* sources(new URL(`${name}/`, folder));
    else if (name.endsWith(".ts")) yield new URL(name, folder);
  }
}

/** Patterns by their text, with the files that have them. */
const patterns = new Map<string, { pattern: RegExp; paths: string[] }>();
/** Files that build patterns from strings. */
const built: string[] = [];
const root = new URL("../../", import.meta.url);
for await (const url of sources(new URL("src/", root))) {
  const path = url.href.slice(root.href.length);
  const text = await Deno.readTextFile(url);
  if (text.includes("new RegExp(")) built.push(path);
  for (const pattern of literalsOf(path, text)) add(pattern, path);
}
await addBuilt();

function add(pattern: RegExp, path: string): void {
  const entry = patterns.get(`${pattern}`) ?? { pattern, paths: [] };
  patterns.set(`${pattern}`, { pattern, paths: [...entry.paths, path] });
}

/** The patterns that modules build from strings while they are loaded. */
async function addBuilt(): Promise<void> {
  const { RegExp } = globalThis;
  const recorded: RegExp[] = [];
  globalThis.RegExp = new Proxy(RegExp, {
    construct(target, args) {
      const pattern: RegExp = Reflect.construct(target, args);
      recorded.push(pattern);
      return pattern;
    },
  });
  try {
    for (const path of built) {
      // A query makes the module load again, if something has loaded it before.
      await import(new URL(`${path}?patterns`, root).href);
      assert(recorded.length > 0, `${path} builds no pattern when it is loaded`);
      for (const pattern of recorded.splice(0)) add(pattern, path);
    }
  } finally {
    globalThis.RegExp = RegExp;
  }
}

/** What a pattern's own text suggests: its words, and the characters in it. */
function atomsOf({ source }: RegExp): string[] {
  const words = source.match(/[\w-]+/g) ?? [];
  const plain = source.replace(/\\[a-zA-Z]/g, " ").replace(/\\/g, "");
  return [...new Set([...words.filter((word) => word.length < 40), ...plain])];
}

/** A text of that length that a pattern nearly matches to its end: then it tries all there is. */
function* inputsFor(pattern: RegExp, length: number): Generator<string> {
  const own = atomsOf(pattern).slice(0, 24);
  const repeated = (text: string) => text.repeat(Math.ceil(length / text.length)) + "\0";
  for (const atom of new Set([...ATOMS, ...own])) yield repeated(atom);
  // The beginning of a match, then what its middle repeats.
  if (length > SHORT) return;
  for (const first of own) for (const second of own) yield first + repeated(second);
  for (const first of own) for (const second of own) yield repeated(first + second);
}

function run(pattern: RegExp, text: string): number {
  const begun = performance.now();
  pattern.lastIndex = 0;
  pattern.test(text);
  if (pattern.global) text.replace(pattern, "");
  return performance.now() - begun;
}

for (const [name, { pattern, paths }] of patterns) {
  Deno.test(`A server sends 1 MB of the worst text for a regular expression: it takes linear time (${name} in ${paths[0]})`, () => {
    for (const text of inputsFor(pattern, SHORT)) {
      const ms = run(pattern, text);
      assert(ms < PATIENCE, `${Math.round(ms)} ms for ${JSON.stringify(text.slice(0, 40))}…`);
    }
    for (const text of inputsFor(pattern, LONG)) run(pattern, text);
  });
}
