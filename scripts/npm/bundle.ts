import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { run } from "./run.ts";
import { RUNTIME_DEPENDENCIES } from "./package_json.ts";

/**
 * Bundles ES modules into `outDir`: `NAME.js` for each entry point, and a chunk for what they share.
 *
 * A process that starts from three files reads less than one that starts from forty, and each file
 * installed takes at least one block of the disk.
 *
 * @param entryPoints from the name of the result, without extension, to the path of the module
 * @param outDir where the results go, next to each other wherever the modules are
 * @param importMap what the modules import, and the sources that others stand in for
 */
export async function bundle(
  entryPoints: Readonly<Record<string, string>>,
  outDir: string,
  importMap: Readonly<Record<string, string>> = {},
): Promise<void> {
  const work = await Deno.makeTempDir({ prefix: "mcp-oauth-proxy-bundle-" });
  try {
    const map = `${work}/import_map.json`;
    await Deno.writeTextFile(map, JSON.stringify({ imports: importMap }));
    const stubs = Object.entries(entryPoints).map(async ([name, path]) => {
      const stub = `${work}/${name}.js`;
      await Deno.writeTextFile(stub, `export * from "${fileUrl(path)}";\n`);
      return stub;
    });
    const external = RUNTIME_DEPENDENCIES.flatMap((name) => ["--external", name]);
    const flags = [
      "--quiet",
      "--code-splitting",
      "--import-map",
      map,
      ...external,
      "--outdir",
      outDir,
    ];
    await run(Deno.execPath(), ["bundle", ...flags, ...await Promise.all(stubs)]);
    await removeForeignPaths(outDir);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** The bundler names each source in a comment; where Deno's cache is on this machine is nobody's business. */
async function removeForeignPaths(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    const code = await Deno.readTextFile(`${folder}/${name}`);
    await Deno.writeTextFile(`${folder}/${name}`, code.replace(/^\/\/ \.\.\/.*\n/gm, ""));
  }
}

/** The `file:` URL of a path in the working directory. */
export function fileUrl(path: string): string {
  return pathToFileURL(resolve(path)).href;
}
