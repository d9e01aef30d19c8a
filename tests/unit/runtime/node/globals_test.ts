import { assertEquals } from "@std/assert";

/** The first use of one of these loads all of Node's `fetch`, a quarter of the start. */
const LOADS_FETCH = /\bnew (?:Headers|Response|Request)\b|(?<![.\w])fetch\(/;
const REPLACES_GLOBAL =
  /Object\.(?:assign|definePropert\w+)\(globalThis|globalThis(?:\.\w+|\[[^\]]+\]) = /;

const src = new URL("../../../../src/", import.meta.url);

function* sources(folder: URL): Generator<URL> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* sources(new URL(`${name}/`, folder));
    else yield new URL(name, folder);
  }
}

function filesWith(pattern: RegExp): string[] {
  return [...sources(src)].filter((file) => pattern.test(Deno.readTextFileSync(file)))
    .map(({ href }) => href.slice(src.href.length)).sort();
}

Deno.test("no global is replaced", () => assertEquals(filesWith(REPLACES_GLOBAL), []));

Deno.test("only DPoP and the Deno adapter use Headers, Response or fetch", () =>
  assertEquals(filesWith(LOADS_FETCH), ["auth/oauth4webapi.ts", "runtime/deno/http.ts"]));
