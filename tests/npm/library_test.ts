import { assertEquals } from "@std/assert";
import * as library from "../../mod.ts";
import { fileUrl } from "../../scripts/npm/bundle.ts";
import { npmPackage, runToEnd } from "./npm_package.ts";

/** Prints the names of what the library exports. */
const SCRIPTS = {
  import: `import * as library from "mcp-oauth-proxy"; console.log(Object.keys(library).join())`,
  require: `console.log(Object.keys(require("mcp-oauth-proxy")).join())`,
};
const EXPORTS = { stdout: Object.keys(library).join() + "\n", stderr: "" };

for (const node of npmPackage.nodes) {
  Deno.test(`import finds the library on Node ${node.version}`, async () => {
    const args = ["--input-type=module", "--eval", SCRIPTS.import];
    const { stdout, stderr } = await runToEnd(node.path, args, { cwd: npmPackage.project });
    assertEquals({ stdout, stderr }, EXPORTS);
  });

  Deno.test(`every file of the package can be loaded on Node ${node.version}`, async () => {
    const files = npmPackage.files.filter((path) => /^esm\/.*\.js$/.test(path))
      .filter((path) => path !== "esm/cli.js") // It would run.
      .map((path) => fileUrl(`${npmPackage.root}/${path}`));
    const script = `for (const file of ${JSON.stringify(files)}) await import(file);`;
    const args = ["--input-type=module", "--eval", script];
    const { stdout, stderr } = await runToEnd(node.path, args, { cwd: npmPackage.project });
    assertEquals({ stdout, stderr }, { stdout: "", stderr: "" });
  });

  // Node 20 and 22 tell on stderr that require of an ES module is new; it works nevertheless.
  Deno.test(`require finds the library on Node ${node.version}`, async () => {
    const args = ["--no-warnings", "--input-type=commonjs", "--eval", SCRIPTS.require];
    const { stdout, stderr } = await runToEnd(node.path, args, { cwd: npmPackage.project });
    assertEquals({ stdout, stderr }, EXPORTS);
  });
}
