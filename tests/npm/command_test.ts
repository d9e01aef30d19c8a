import { assertEquals, assertStringIncludes } from "@std/assert";
import { delimiter, dirname } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { npmPackage, runToEnd } from "./npm_package.ts";

const windows = Deno.build.os === "windows";

/** What npx starts: the link or script that npm has made for the command. */
function runInstalledCommand(node: string, args: readonly string[]) {
  const shim = `${npmPackage.project}/node_modules/.bin/mcp-oauth-proxy${windows ? ".cmd" : ""}`;
  const env = { PATH: dirname(node) + delimiter + Deno.env.get("PATH") };
  return runToEnd(shim, args, { env });
}

for (const node of npmPackage.nodes) {
  Deno.test(`the installed command prints its version on Node ${node.version}`, async () => {
    const { code, stdout, stderr } = await runInstalledCommand(node.path, ["--version"]);
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    assertStringIncludes(stdout, config.version);
  });

  Deno.test(`the installed command explains its settings on Node ${node.version}`, async () => {
    const { code, stdout, stderr } = await runInstalledCommand(node.path, ["--help"]);
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    assertStringIncludes(stdout, "MCP_SERVER_URL");
  });

  Deno.test(`the installed command exits with 2 without settings on Node ${node.version}`, async () => {
    const { code, stdout, stderr } = await runInstalledCommand(node.path, []);
    assertEquals({ code, stdout }, { code: 2, stdout: "" });
    assertStringIncludes(stderr, "MCP_CLIENT_ID");
  });
}
