/** Brings the contenders into `.bench/`, each as npm would install it for a user. */
import { fileURLToPath } from "node:url";
import { installPackage } from "../npm/install_package.ts";
import { NPM } from "../npm/run.ts";
import { reason } from "./reason.ts";

/** The repository. */
export const root = new URL("../../", import.meta.url);
const cache = fileURLToPath(new URL(".bench/", root));
const INSTALL_MS = 180_000;

/** A package that was installed into a folder of its own. */
export interface Installed {
  /** The folder that holds `node_modules`. */
  folder: string;
  version: string;
  /** The program it is there for. */
  bin: string;
}

/** Installs `name@version`, unless it is there already; `fresh` installs it again. */
export async function install(name: string, version: string, fresh: boolean): Promise<Installed> {
  const folder = `${cache}${name}@${version}/`;
  const root = `${folder}node_modules/${name}`;
  if (fresh) await Deno.remove(folder, { recursive: true }).catch(() => {});
  if (await modified(root) === 0) {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(`${folder}package.json`, '{ "private": true }\n');
    const flags = ["--no-audit", "--no-fund", "--ignore-scripts"];
    await run(NPM, ["install", ...flags, `${name}@${version}`], folder);
  }
  return { folder, ...await manifest(root, name) };
}

/** Builds our npm package where the sources are newer, packs it, and installs the tarball. */
export async function installOurs(): Promise<Installed> {
  const sources = ["src", "cli.ts", "mod.ts", "deno.json", "scripts/npm"];
  const newest = await Promise.all(
    sources.map((path) => modified(fileURLToPath(new URL(path, root)))),
  );
  if (Math.max(...newest) >= await modified(fileURLToPath(new URL("npm/package.json", root)))) {
    await run(
      Deno.execPath(),
      ["run", "-A", "scripts/build_npm.ts", "--offline"],
      fileURLToPath(root),
    );
  }
  const work = `${cache}ours`;
  await Deno.remove(work, { recursive: true }).catch(() => {});
  await Deno.mkdir(work, { recursive: true });
  const ours = await installPackage(fileURLToPath(new URL("npm/", root)), work);
  return { folder: `${ours.project}/`, ...await manifest(ours.root, "mcp-oauth-proxy") };
}

async function manifest(folder: string, name: string): Promise<{ version: string; bin: string }> {
  const { version, bin } = JSON.parse(await Deno.readTextFile(`${folder}/package.json`));
  const path: string = typeof bin === "string" ? bin : bin[name];
  return { version, bin: `${folder}/${path.replace(/^\.\//, "")}` };
}

async function run(program: string, args: string[], cwd: string): Promise<void> {
  const signal = AbortSignal.timeout(INSTALL_MS);
  const { success, stderr } = await new Deno.Command(program, { args, cwd, signal }).output();
  if (success) return;
  const why = reason(new TextDecoder().decode(stderr));
  throw new Error(`${args.slice(0, 3).join(" ")} failed: ${why}`);
}

/** When a file, or the newest file below a folder, was last written; 0 if there is none. */
async function modified(path: string): Promise<number> {
  const stat = await Deno.stat(path).catch(() => undefined);
  if (!stat) return 0;
  let newest = stat.mtime?.getTime() ?? 0;
  if (!stat.isDirectory) return newest;
  for await (const { name } of Deno.readDir(path)) {
    newest = Math.max(newest, await modified(`${path}/${name}`));
  }
  return newest;
}
