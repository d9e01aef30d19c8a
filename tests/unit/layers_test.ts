import { assertEquals } from "@std/assert";
import { filesIn } from "../../scripts/readme/files.ts";

/** Folders and files of src/. Each may import from itself and from what is further down. */
const LAYERS = [
  "cli_node.ts",
  "main.ts",
  "command_line.ts",
  "commands",
  "oauth_proxy.ts",
  "proxy.ts",
  "relay",
  "bridge",
  "upstream",
  "auth",
  "mcp",
  "settings",
  "log",
  "http",
  "stdio",
  "runtime",
  "json",
  "async",
  "drop_oldest.ts",
  "limits.ts",
  "errors.ts",
  "version.ts",
];

/** These must not know how the client is connected. */
const WITHOUT_STDIO = ["auth", "upstream"];

const IMPORT = /\b(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g;

/** `[path, imported path]` for each import of a source in src/. */
function importsOf(path: string, source: string): [string, string][] {
  return [...source.matchAll(IMPORT)].map(([, specifier]) => {
    return [path, new URL(specifier, `file:///${path}`).pathname.slice(1)];
  });
}

/** The folder or the file in src/ that a path belongs to. */
function layerOf(path: string): string {
  return path.split("/")[1];
}

function isAllowed([from, to]: [string, string]): boolean {
  const [above, below] = [layerOf(from), layerOf(to)];
  if (WITHOUT_STDIO.includes(above) && below === "stdio") return false;
  return LAYERS.indexOf(above) <= LAYERS.indexOf(below);
}

function wrongImports(files: ReadonlyMap<string, string>): string[] {
  return [...files].flatMap(([path, source]) => importsOf(path, source))
    .filter((pair) => !isAllowed(pair))
    .map(([from, to]) => `${from} imports ${to}`);
}

const files = new Map(filesIn("src").map((path) => [path, Deno.readTextFileSync(path)]));

Deno.test("every folder and file of src/ has its layer", () => {
  const unknown = [...files.keys()].filter((path) => !LAYERS.includes(layerOf(path)));
  assertEquals(unknown, []);
});

Deno.test("imports in src/ point to the same layer or further down", () => {
  assertEquals(wrongImports(files), []);
});

Deno.test("an import that points up is reported, static or dynamic", () => {
  const wrong = new Map([
    ["src/json/text.ts", 'import { log } from "../log/log.ts";'],
    ["src/auth/grants/grants.ts", 'await import("../../relay/relay.ts");'],
    ["src/upstream/reply.ts", 'import type { Writer } from "../stdio/writer.ts";'],
    ["src/relay/relay.ts", 'import { once } from "../async/once.ts";'],
  ]);
  assertEquals(wrongImports(wrong), [
    "src/json/text.ts imports src/log/log.ts",
    "src/auth/grants/grants.ts imports src/relay/relay.ts",
    "src/upstream/reply.ts imports src/stdio/writer.ts",
  ]);
});

Deno.test("one file uses oauth4webapi", () => {
  const users = [...files].filter(([, source]) => source.includes('from "oauth4webapi"'));
  assertEquals(users.map(([path]) => path), ["src/auth/oauth4webapi.ts"]);
});

/** Functions that Deno has, and the oldest supported Node (20.19) does not. */
const TOO_NEW =
  /\bPromise\.(withResolvers|try)\b|\bArray\.fromAsync\b|\b(Object|Map)\.groupBy\b|\bRegExp\.escape\b/;

Deno.test("the program uses only functions of the oldest supported Node", () => {
  const found = [...files].filter(([path, source]) =>
    !path.startsWith("src/runtime/deno/") && TOO_NEW.test(source)
  );
  assertEquals(found.map(([path]) => path), []);
});
