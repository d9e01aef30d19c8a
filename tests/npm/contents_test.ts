import { assert, assertEquals, assertMatch } from "@std/assert";
import { npmPackage, runToEnd } from "./npm_package.ts";
import config from "../../deno.json" with { type: "json" };
import { packageJson } from "../../scripts/npm/package_json.ts";

/** What v1, `mcp-oauth-proxy@1.0.2`, takes with its dependencies: `du -sk`, blocks of 4 KiB. */
const V1_INSTALLED_KIB = 632;
const V1_PACKAGES = 5;
/** The same without the unused rest of the blocks. */
const V1_BYTES = 506_000;
const BLOCK = 4096;

Deno.test("the tarball holds the package and nothing else", () => {
  // What the command and the library share, and what is loaded only when it is needed.
  const isPart = (path: string) => /^esm\/[a-z0-9_]+-[A-Z0-9]{8}\.js$/.test(path);
  assertEquals(npmPackage.files.filter((path) => !isPart(path)), [
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "esm/cli.js",
    "esm/mod.d.ts",
    "esm/mod.js",
    "package.json",
  ]);
});

Deno.test("package.json has the version of deno.json", async () => {
  const installed = JSON.parse(await Deno.readTextFile(`${npmPackage.root}/package.json`));
  assertEquals(installed, JSON.parse(JSON.stringify(packageJson(config))));
});

Deno.test("no other package is installed", async () => {
  const packages = await entries(`${npmPackage.project}/node_modules`);
  const names = packages.filter((name) => !name.startsWith(".")).sort();
  assertEquals(names, ["mcp-oauth-proxy"]);
  assert(names.length <= V1_PACKAGES);
});

Deno.test("no script runs when the package is installed", async () => {
  const installed = JSON.parse(await Deno.readTextFile(`${npmPackage.root}/package.json`));
  assertEquals(installed.scripts, undefined);
});

Deno.test("the code names no folder of the machine it was built on", async () => {
  for (const file of npmPackage.files.filter((path) => path.endsWith(".js"))) {
    const code = await Deno.readTextFile(`${npmPackage.root}/${file}`);
    assert(!code.includes("file:///"), file);
    assert(!code.includes(Deno.cwd()), file);
    assert(!/^\/\/ \.\.\//m.test(code), file);
  }
});

Deno.test("an installation is not larger than version 1", async () => {
  const kib = await diskUsage(`${npmPackage.project}/node_modules`) / 1024;
  assert(kib <= V1_INSTALLED_KIB, `${kib} KiB, version 1 took ${V1_INSTALLED_KIB}`);
});

Deno.test("an installation has clearly fewer bytes than version 1's", async () => {
  const sizes = npmPackage.files.map(async (path) =>
    (await Deno.stat(`${npmPackage.root}/${path}`)).size
  );
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  assert(bytes <= 0.9 * V1_BYTES, `${bytes} bytes, version 1 had ${V1_BYTES}`);
});

Deno.test("a stack trace names functions and precise places", async () => {
  const script = `import { OAuthProxy } from "mcp-oauth-proxy";
    await new OAuthProxy({}).start().catch((error) => console.log(error.stack))`;
  const args = ["--input-type=module", "--eval", script];
  const { stdout } = await runToEnd(npmPackage.nodes[0].path, args, { cwd: npmPackage.project });
  assertMatch(stdout, /^ +at readSettings .*\/esm\/[\w-]+\.js:\d+:\d+\)$/m);
});

/** Bytes that a folder takes on a file system with blocks of 4 KiB. */
async function diskUsage(folder: string): Promise<number> {
  let bytes = BLOCK;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) bytes += await diskUsage(path);
    else bytes += Math.ceil((await Deno.lstat(path)).size / BLOCK) * BLOCK;
  }
  return bytes;
}

async function entries(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) names.push(name);
  return names;
}
