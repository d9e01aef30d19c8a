import { NPM, run } from "./run.ts";

/** The npm package as a user has it: packed, and installed into an empty folder. */
export interface InstalledPackage {
  /** Folder with nothing but a `package.json` and `node_modules`. */
  readonly project: string;
  /** Folder of the package in it. */
  readonly root: string;
  /** Path of the tarball. */
  readonly tarball: string;
  /** What the tarball holds: paths from the package's root, sorted. */
  readonly files: readonly string[];
}

/**
 * Packs the package in `packageDir` and installs the tarball with npm.
 *
 * @param packageDir folder with the built package
 * @param work empty folder for the tarball and the project
 */
export async function installPackage(packageDir: string, work: string): Promise<InstalledPackage> {
  const [{ filename, files }]: [{ filename: string; files: { path: string }[] }] = JSON.parse(
    await run(NPM, ["pack", "--json", "--pack-destination", work], { cwd: packageDir }),
  );
  const project = `${work}/project`;
  await Deno.mkdir(project);
  await Deno.writeTextFile(`${project}/package.json`, '{ "private": true }\n');
  await run(NPM, ["install", "--no-audit", "--no-fund", `${work}/${filename}`], { cwd: project });
  return {
    project,
    tarball: `${work}/${filename}`,
    root: `${project}/node_modules/mcp-oauth-proxy`,
    files: files.map(({ path }) => path).sort(),
  };
}
