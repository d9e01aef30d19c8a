/**
 * Tests the package in `./npm` as its users get it: packed, installed into an empty folder with npm,
 * and run by several versions of Node.
 *
 *     deno run -A scripts/test_npm.ts              on Node 20, 24 and 26
 *     deno run -A scripts/test_npm.ts 22 24        on these
 *     … --keep dist                                and keeps the tarball there if all tests pass
 *
 * `tests/npm` looks at the package itself; then each Node goes through `tests/integration`, the
 * same tests that the command passes under Deno, and the latest through the conformance suite.
 */
import { basename } from "node:path";
import { parseArgs } from "@std/cli/parse-args";
import { installPackage } from "./npm/install_package.ts";
import { installNode, type Node } from "./npm/nodes.ts";

/** All tests that start the proxy. Those of the test servers themselves say nothing about it. */
const BEHAVIOUR = [
  "--ignore=tests/integration/parts",
  "tests/integration",
  "tests/attacks",
  "tests/memory/large_messages_test.ts",
];

const args = parseArgs(Deno.args, { string: ["keep", "_"] });
const majors = args._.length > 0 ? args._.map(String) : ["20", "24", "26"];

function denoTest(paths: string[], env: Record<string, string>): Promise<boolean> {
  return deno(["test", "-A", "--quiet", ...paths], env);
}

/** Runs Deno; what it prints comes out in one piece, since several run side by side. */
async function deno(args: string[], env: Record<string, string>): Promise<boolean> {
  const command = new Deno.Command(Deno.execPath(), { args, env });
  const { success, stdout, stderr } = await command.output();
  await Deno.stdout.write(stdout);
  await Deno.stderr.write(stderr);
  return success;
}

/** The command that the tests start instead of the sources under Deno. */
async function proxyCommand(node: Node, root: string): Promise<string> {
  const { bin } = JSON.parse(await Deno.readTextFile(`${root}/package.json`));
  return JSON.stringify([node.path, `${root}/${bin["mcp-oauth-proxy"]}`]);
}

const work = await Deno.makeTempDir({ prefix: "mcp-oauth-proxy-npm-" });
try {
  const nodes = await Promise.all(majors.map(installNode));
  const installed = await installPackage("npm", work);
  const failed: string[] = [];
  console.log(`The package, on Node ${nodes.map(({ version }) => version).join(", ")}`);
  const thePackage = { MCP_NPM_PACKAGE: JSON.stringify({ ...installed, nodes }) };
  if (!await denoTest(["tests/npm"], thePackage)) failed.push("tests/npm");
  // Tests mostly wait for processes, so that the Nodes get in each other's way but little.
  await Promise.all(nodes.map(async (node) => {
    const env = { MCP_PROXY_COMMAND: await proxyCommand(node, installed.root) };
    if (!await denoTest(BEHAVIOUR, env)) failed.push(`Node ${node.version}`);
  }));
  const latest = { MCP_PROXY_COMMAND: await proxyCommand(nodes.at(-1)!, installed.root) };
  if (!await deno(["run", "-A", "scripts/conformance.ts"], latest)) failed.push("conformance");
  if (failed.length > 0) {
    console.error(`Failed: ${failed.join(", ")}`);
    Deno.exitCode = 1;
  } else if (args.keep) {
    await Deno.mkdir(args.keep, { recursive: true });
    await Deno.copyFile(installed.tarball, `${args.keep}/${basename(installed.tarball)}`);
  }
} finally {
  await Deno.remove(work, { recursive: true });
}
