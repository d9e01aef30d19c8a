/** Where programs of other languages are installed, outside git. */
const FOLDER = new URL(import.meta.resolve("../../../.interop")).pathname;

/** Runs a program to its end, and returns what it printed. */
async function run([command, ...args]: readonly string[], cwd?: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args, cwd, stdin: "null" })
    .output();
  const [printed, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!success) throw new Error(`${command} ${args[0]}: ${error}${printed}`);
  return printed.trim();
}

/**
 * Installs something once into a folder of its own.
 *
 * @returns the folder
 */
async function once(
  name: string,
  what: readonly string[],
  install: (folder: string) => Promise<unknown>,
): Promise<string> {
  const folder = `${FOLDER}/${name}`;
  const mark = `${folder}/installed`;
  const installed = await Deno.readTextFile(mark).catch(() => undefined);
  if (installed !== what.join("\n")) {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    await Deno.mkdir(folder, { recursive: true });
    await install(folder);
    await Deno.writeTextFile(mark, what.join("\n"));
  }
  return folder;
}

/**
 * Installs packages of PyPI into an environment of their own.
 *
 * @returns the environment's Python
 */
export async function installPython(name: string, packages: readonly string[]): Promise<string> {
  const folder = await once(`python/${name}`, packages, async (folder) => {
    await run(["python3", "-m", "venv", folder]);
    await run([`${folder}/bin/pip`, "install", "--quiet", ...packages]);
  });
  return `${folder}/bin/python`;
}

/** The version of an installed package of PyPI. */
export function pythonVersion(python: string, name: string): Promise<string> {
  return run([python, "-c", `import importlib.metadata as m; print(m.version("${name}"))`]);
}

/**
 * Installs packages of npm into a folder of their own.
 *
 * @returns the folder that has `node_modules`
 */
export function installNpm(name: string, packages: readonly string[]): Promise<string> {
  return once(
    `npm/${name}`,
    packages,
    (folder) => run(["npm", "install", "--silent", "--no-audit", "--prefix", folder, ...packages]),
  );
}

/** The version of an installed package of npm. */
export async function npmVersion(folder: string, name: string): Promise<string> {
  const text = await Deno.readTextFile(`${folder}/node_modules/${name}/package.json`);
  return JSON.parse(text).version;
}

/** A program of a Go module. */
export interface GoTool {
  /** Its package, such as `github.com/ory/hydra/v2`. */
  readonly module: string;
  readonly version: string;
  /** Build tags. */
  readonly tags?: string;
  /** Lines `OLD=NEW@VERSION` that replace modules, as the module's own go.mod does. */
  readonly replace?: readonly string[];
}

/**
 * Builds a program from the Go module proxy, which takes minutes. Needs Go and a C compiler.
 *
 * @returns the program
 */
export async function installGo(
  name: string,
  { module, version, tags = "", replace = [] }: GoTool,
): Promise<string> {
  const what = [`${module}@${version}`, tags, ...replace];
  const folder = await once(`go/${name}`, what, async (folder) => {
    await run(["go", "mod", "init", name], folder);
    for (const each of replace) await run(["go", "mod", "edit", "-replace", each], folder);
    await run(["go", "get", "-tool", `${module}@${version}`], folder);
    await run(["go", "build", "-mod=mod", "-tags", tags, "-o", name, module], folder);
  });
  return `${folder}/${name}`;
}

/**
 * Builds programs of a folder in tests/interop that are one Go module, in a copy outside git.
 *
 * @param programs folders, each with a package main
 * @param modules `MODULE@VERSION` that they need
 * @returns the folder that has the programs
 */
export async function buildGo(
  source: string,
  programs: readonly string[],
  modules: readonly string[],
): Promise<string> {
  const files = await textsOf(source);
  return `${await once("go/mcp", [...modules, ...files.map(({ text }) => text)], async (folder) => {
    for (const { path, text } of files) {
      await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${folder}/${path}`, text);
    }
    await run(["go", "mod", "init", "interop"], folder);
    await run(["go", "get", ...modules], folder);
    await run(["go", "mod", "tidy"], folder);
    await run(["go", "build", "-o", "bin/", ...programs.map((name) => `./${name}`)], folder);
  })}/bin`;
}

/**
 * Builds the programs of a Rust package in tests/interop, outside git. Needs Cargo.
 *
 * @returns the folder that has the programs
 */
export async function buildRust(source: string): Promise<string> {
  const target = `${FOLDER}/rust`;
  const manifest = `${source}/Cargo.toml`;
  await run(["cargo", "build", "--locked", "--manifest-path", manifest, "--target-dir", target]);
  return `${target}/debug`;
}

/** The files of a folder. */
async function textsOf(folder: string, path = ""): Promise<{ path: string; text: string }[]> {
  const files = [];
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${path}`)) {
    const inner = path === "" ? name : `${path}/${name}`;
    if (isDirectory) files.push(...await textsOf(folder, inner));
    else files.push({ path: inner, text: await Deno.readTextFile(`${folder}/${inner}`) });
  }
  return files.sort((a, b) => a.path.localeCompare(b.path));
}

/**
 * Copies files of Maven Central, with all that they need, into a folder.
 *
 * @param name of the folder
 * @param artifacts `group:artifact:version`
 * @returns the folder, with the JAR files in `lib`
 */
export function installMaven(name: string, artifacts: readonly string[]): Promise<string> {
  return once(`java/${name}`, artifacts, async (folder) => {
    const dependency = (artifact: string) => {
      const [group, id, version] = artifact.split(":");
      return `<dependency><groupId>${group}</groupId><artifactId>${id}</artifactId>` +
        `<version>${version}</version></dependency>`;
    };
    await Deno.writeTextFile(
      `${folder}/pom.xml`,
      `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
      <groupId>interop</groupId><artifactId>${name}</artifactId><version>1</version>
      <dependencies>${artifacts.map(dependency).join("")}</dependencies></project>`,
    );
    const goal = `${DEPENDENCY_PLUGIN}:copy-dependencies`;
    await run(["mvn", "-q", "-B", goal, `-DoutputDirectory=${folder}/lib`], folder);
  });
}

/**
 * Unpacks a ZIP file of Maven Central.
 *
 * @param artifact `group:artifact:version:zip`
 * @returns the folder that it was unpacked into
 */
export function installMavenZip(name: string, artifact: string): Promise<string> {
  return once(`java/${name}`, [artifact], async (folder) => {
    const goal = `${DEPENDENCY_PLUGIN}:unpack`;
    await run(
      ["mvn", "-q", "-B", goal, `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`],
      folder,
    );
  });
}

/**
 * Compiles a Java file with the JAR files that {@linkcode installMaven} copied.
 *
 * @returns arguments of `java` that name the class path
 */
export async function compileJava(folder: string, file: string): Promise<readonly string[]> {
  const options = ["-parameters", "-encoding", "UTF-8", "-d", `${folder}/classes`];
  await run(["javac", ...options, "-cp", `${folder}/lib/*`, file]);
  return ["-cp", `${folder}/classes:${folder}/lib/*`];
}

const DEPENDENCY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1";
