import { runCommand } from "../../parts/run_command.ts";

/** Where programs of other languages are installed, outside git. */
const FOLDER = new URL(import.meta.resolve("../../../.interop")).pathname;

async function run(command: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args, stdin: "null" }).output();
  if (!success) throw new Error(`${command} ${args[0]}: ${new TextDecoder().decode(stderr)}`);
}

const exists = (path: string) => Deno.stat(path).then(() => true, () => false);

/**
 * Installs packages of PyPI into an environment of their own.
 *
 * @returns the environment's Python
 */
export async function installPython(name: string, packages: readonly string[]): Promise<string> {
  const folder = `${FOLDER}/python/${name}`;
  if (!await exists(`${folder}/installed`)) {
    await run("python3", "-m", "venv", folder);
    await run(`${folder}/bin/pip`, "install", "--quiet", ...packages);
    await Deno.writeTextFile(`${folder}/installed`, packages.join("\n"));
  }
  return `${folder}/bin/python`;
}

/** The version of an installed package of PyPI. */
export async function pythonVersion(python: string, name: string): Promise<string> {
  const code = `import importlib.metadata as m; print(m.version("${name}"))`;
  return (await runCommand(["-c", code], { command: [python] })).stdout.trim();
}

/**
 * Installs packages of npm into a folder of their own.
 *
 * @returns the folder that has `node_modules`
 */
export async function installNpm(name: string, packages: readonly string[]): Promise<string> {
  const folder = `${FOLDER}/npm/${name}`;
  if (!await exists(`${folder}/installed`)) {
    await Deno.mkdir(folder, { recursive: true });
    await run("npm", "install", "--silent", "--no-audit", "--prefix", folder, ...packages);
    await Deno.writeTextFile(`${folder}/installed`, packages.join("\n"));
  }
  return folder;
}

/** The version of an installed package of npm. */
export async function npmVersion(folder: string, name: string): Promise<string> {
  const text = await Deno.readTextFile(`${folder}/node_modules/${name}/package.json`);
  return JSON.parse(text).version;
}
