import { ENTRY_POINTS, STAND_INS } from "./package_json.ts";

/** The part of dnt's `build` options that is used here. */
interface DntOptions {
  entryPoints: { kind: "export" | "bin"; name: string; path: string }[];
  outDir: string;
  importMap: string;
  mappings: Record<string, string>;
  shims: Record<string, never>;
  package: { name: string; version: string };
  scriptModule: false;
  declaration: false;
  typeCheck: false;
  test: false;
  skipNpmInstall: true;
  skipSourceOutput: true;
  compilerOptions: { target: string };
}

// Not a literal in the import, so that checking or starting this file does not fetch it.
const DNT: string = "jsr:@deno/dnt@^0.42.1";

/**
 * Turns the sources and the JSR packages they import into plain ES modules with dnt. Needs JSR.
 *
 * The types have been checked by `deno check`, and declarations are written from the sources, so
 * dnt only transforms.
 *
 * @param outDir where the result goes
 * @returns the entry points again, with the paths of the modules in `outDir`
 */
export async function transformWithDnt(outDir: string): Promise<Record<string, string>> {
  const { build }: { build(options: DntOptions): Promise<void> } = await import(DNT);
  await build({
    entryPoints: [
      { kind: "export", name: ".", path: `./${ENTRY_POINTS.mod}` },
      { kind: "bin", name: "mcp-oauth-proxy", path: `./${ENTRY_POINTS.cli}` },
    ],
    outDir,
    importMap: "deno.json",
    mappings: Object.fromEntries(
      Object.entries(STAND_INS).map(([source, standIn]) => [`./${source}`, `./${standIn}`]),
    ),
    shims: {},
    package: { name: "mcp-oauth-proxy", version: "0.0.0" },
    scriptModule: false,
    declaration: false,
    typeCheck: false,
    test: false,
    skipNpmInstall: true,
    skipSourceOutput: true,
    compilerOptions: { target: "ES2022" },
  });
  return Object.fromEntries(
    Object.entries(ENTRY_POINTS).map(([name, path]) => [
      name,
      `${outDir}/esm/${path.replace(/\.ts$/, ".js")}`,
    ]),
  );
}
