import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { proxyCommand } from "../parts/proxy_command.ts";
import { pages } from "./markdown.ts";
import { withPrograms } from "./programs.ts";
import { scripts, TEST_AS_PRINTED } from "./scripts.ts";

/** Commands that .ci/run runs, since they take longer than a test may. */
const IN_CI = ["npx -y deno@2 task demo", "npx -y deno@2 task test"];
/** Commands that run until they are interrupted. */
const ENDLESS = ["npx -y deno@2 task demo --serve"];

const all = await pages();
const windows = Deno.build.os === "windows";

Deno.test({
  name: "each command of the documentation succeeds in an empty folder with an empty home folder",
  ignore: windows, // They are for a Unix shell.
  async fn(t) {
    await withPrograms(proxyCommand(), async (run) => {
      for (const { printed, bash } of scripts(all)) {
        if ([...IN_CI, ...ENDLESS].includes(printed)) continue;
        await t.step(printed, async () => {
          const { code, stderr } = await run(bash);
          assertEquals(code, 0, stderr);
        });
      }
    });
  },
});

Deno.test({
  name: "the command that config prints to test the entry succeeds as printed",
  ignore: windows || Deno.env.has("MCP_PROXY_COMMAND"), // tests/npm has the same test with npx.
  async fn() {
    await withPrograms(proxyCommand(), async (run) => {
      const { code, stdout, stderr } = await run(TEST_AS_PRINTED);
      assertEquals(code, 0, stdout + stderr);
      assertMatch(stdout, /^ +deno run -A \S+cli\.ts check --from claude-desktop \S+$/m);
    });
  },
});

Deno.test("the commands that take long are run by .ci/run", async () => {
  const printed = scripts(all).map(({ printed }) => printed);
  const ci = await Deno.readTextFile(".ci/run");
  for (const command of IN_CI) {
    assert(printed.includes(command), command);
    assertStringIncludes(ci, command);
  }
});
