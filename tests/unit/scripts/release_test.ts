import { assert, assertEquals } from "@std/assert";
import { DNT, dntOptions } from "../../../scripts/npm/dnt.ts";
import { compileOptions } from "../../../scripts/release/compile_options.ts";
import { withPublishedConfig } from "../../../scripts/release/published_config.ts";
import { ALL_PERMISSIONS } from "../../../src/commands/permissions/flags.ts";

Deno.test("dnt, deno compile and deno publish get a configuration without the stand-ins", async () => {
  await withPublishedConfig(async (path) => {
    const config = JSON.parse(await Deno.readTextFile(path));
    assertEquals(config.links, undefined);
    assertEquals(config.imports["@std/streams"], "jsr:@std/streams@^1.1.2");
    assertEquals(dntOptions("out", path).configFile, path);
    assertEquals(compileOptions(path).slice(0, 4), ["compile", "--config", path, "--no-lock"]);
  });
});

Deno.test("dnt adds no polyfills, which break require, and has the version that can leave them out", () => {
  assertEquals(dntOptions("out", "deno.json").polyfills, false);
  assertEquals(DNT, "jsr:@deno/dnt@^0.43.2");
});

Deno.test("the command of the npm package has no #! line in the source; the build adds it", async () => {
  const source = await Deno.readTextFile("src/cli_node.ts");
  assert(!source.startsWith("#!"), source);
});

Deno.test("the binary has every permission that the proxy can need, and asks for none", () => {
  const options = compileOptions("deno.json");
  for (const flag of [...ALL_PERMISSIONS, "--no-prompt", "--no-code-cache"]) {
    assert(options.includes(flag), flag);
  }
});
