import type { Outcomes } from "./figures.ts";

/** What npx puts on the disk for `folder/node_modules`: kilobytes, files, packages. */
export async function footprint(folder: string): Promise<Outcomes> {
  const total = { bytes: 0, files: 0, packages: 0 };
  await walk(`${folder}node_modules`, total);
  return {
    installedKB: total.bytes / 1000,
    installedFiles: total.files,
    installedPackages: total.packages,
  };
}

async function walk(folder: string, total: { bytes: number; files: number; packages: number }) {
  for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    // npm's own bookkeeping is no part of a package.
    if (name === ".bin" || name === ".package-lock.json") continue;
    if (isDirectory) await walk(path, total);
    if (!isFile) continue;
    total.files++;
    total.bytes += (await Deno.stat(path)).size;
    if (name === "package.json" && isPackage(folder)) total.packages++;
  }
}

/** Whether `folder` is that of a package: directly in a `node_modules`, or one level lower in a scope. */
function isPackage(folder: string): boolean {
  return /\/node_modules\/(@[^/]+\/)?[^/]+$/.test(folder);
}
