import { assertEquals, assertMatch } from "@std/assert";
import { run } from "../../scripts/npm/run.ts";
import { NPM } from "../../scripts/npm/run.ts";
import { startNpmRegistry } from "../parts/npm_registry.ts";
import { pages } from "../docs/markdown.ts";
import { withPrograms } from "../docs/programs.ts";
import { scripts, TEST_AS_PRINTED } from "../docs/scripts.ts";
import { npmPackage } from "./npm_package.ts";

/** Commands that start with the real npx and this package. */
const NPX = /npx -y (--prefer-offline )?mcp-oauth-proxy@2/;

Deno.test({
  name: "each npx command of the documentation succeeds with the real npx and the tarball",
  ignore: Deno.build.os === "windows", // They are for a Unix shell.
  async fn(t) {
    const folder = await Deno.makeTempDir({ prefix: "mcp-oauth-proxy-pack-" });
    const [{ filename }] = JSON.parse(
      await run(NPM, ["pack", "--json", "--pack-destination", folder], { cwd: npmPackage.root }),
    );
    const tarball = await Deno.readFile(`${folder}/${filename}`);
    const packageJson = JSON.parse(await Deno.readTextFile(`${npmPackage.root}/package.json`));
    await using registry = startNpmRegistry(tarball, packageJson);
    await withPrograms(undefined, async (runScript) => {
      for (const { printed, bash } of scripts(await pages()).filter(({ bash }) => NPX.test(bash))) {
        await t.step(printed, async () => {
          const { code, stderr } = await runScript(bash);
          assertEquals(code, 0, stderr);
        });
      }
      await t.step("the command that config prints to test the entry", async () => {
        const { code, stdout, stderr } = await runScript(TEST_AS_PRINTED);
        assertEquals(code, 0, stdout + stderr);
        assertMatch(stdout, /^ +npx -y mcp-oauth-proxy@2 check --from claude-desktop \S+$/m);
      });
    }, {
      NPM_CONFIG_REGISTRY: registry.url,
      NPM_CONFIG_CACHE: `${folder}/cache`,
      NPM_CONFIG_UPDATE_NOTIFIER: "false",
    });
    await Deno.remove(folder, { recursive: true });
  },
});
