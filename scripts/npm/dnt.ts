import { withPublishedConfig } from "../release/published_config.ts";
import { ENTRY_POINTS, STAND_INS } from "./package_json.ts";

/** The part of dnt's `build` options that is used here. */
export interface DntOptions {
  readonly entryPoints: readonly { kind: "export" | "bin"; name: string; path: string }[];
  readonly outDir: string;
  readonly configFile: string;
  readonly mappings: Readonly<Record<string, string>>;
  readonly shims: Readonly<Record<string, never>>;
  readonly package: { readonly name: string; readonly version: string };
  readonly polyfills: false;
  readonly scriptModule: false;
  readonly declaration: false;
  readonly typeCheck: false;
  readonly test: false;
  readonly skipNpmInstall: true;
  readonly skipSourceOutput: true;
  readonly compilerOptions: { readonly target: string };
}

/**
 * The first version of dnt with `polyfills: false`. Its polyfills break the package: one for
 * `import.meta` fails if the library is loaded by `require`. The version is exact, since the lock file
 * has no packages of JSR: it is written where JSR cannot be reached.
 *
 * Not a literal in the `import` below: checking or starting this file must not fetch it.
 */
export const DNT: string = "jsr:@deno/dnt@0.43.2";

/**
 * The options for dnt. It only transforms: `deno check` has checked the types, and declarations are
 * written from the sources.
 *
 * @param outDir folder for the result
 * @param configFile path of a configuration without `links`; dnt would follow them
 */
export function dntOptions(outDir: string, configFile: string): DntOptions {
  return {
    entryPoints: [
      { kind: "export", name: ".", path: `./${ENTRY_POINTS.mod}` },
      { kind: "bin", name: "mcp-oauth-proxy", path: `./${ENTRY_POINTS.cli}` },
    ],
    outDir,
    configFile,
    mappings: Object.fromEntries(
      Object.entries(STAND_INS).map(([source, standIn]) => [`./${source}`, `./${standIn}`]),
    ),
    shims: {},
    package: { name: "mcp-oauth-proxy", version: "0.0.0" },
    polyfills: false,
    scriptModule: false,
    declaration: false,
    typeCheck: false,
    test: false,
    skipNpmInstall: true,
    skipSourceOutput: true,
    compilerOptions: { target: "ES2022" },
  };
}

/**
 * Turns the sources and the JSR packages they import into plain ES modules with dnt. Needs JSR.
 *
 * @param outDir folder for the result
 * @returns the entry points again, with the paths of the modules in `outDir`
 */
export async function transformWithDnt(outDir: string): Promise<Record<string, string>> {
  const { build }: { build(options: DntOptions): Promise<void> } = await import(DNT);
  await withPublishedConfig((configFile) => build(dntOptions(outDir, configFile)));
  return Object.fromEntries(
    Object.entries(ENTRY_POINTS).map(([name, path]) => [
      name,
      `${outDir}/esm/${path.replace(/\.ts$/, ".js")}`,
    ]),
  );
}
