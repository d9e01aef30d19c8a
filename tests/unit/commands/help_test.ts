import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../../src/commands/commands.ts";
import { definitions } from "../../../src/commands/help/definitions.ts";
import { help } from "../../../src/commands/help/help.ts";

for (const columns of [60, 80, 120]) {
  Deno.test(`--help fits ${columns} columns`, () => {
    const texts = [help({ columns }), help({ columns, all: true })];
    for (const command of COMMANDS) texts.push(help({ command, columns }));
    for (const line of texts.flatMap((text) => text.split("\n"))) {
      assert(line.length <= columns, line);
    }
  });
}

Deno.test("--help shows the common settings, and --help --all shows all", () => {
  assertStringIncludes(help(), "MCP_AUTH_ISSUER, --auth-issuer");
  assert(!help().includes("MCP_IDP_ISSUER"));
  assertStringIncludes(help(), "--help --all");
  assertStringIncludes(help({ all: true }), "MCP_IDP_ISSUER, --idp-issuer");
});

Deno.test("texts are next to the names if they fit, otherwise below", () => {
  assertEquals(definitions([["a", "one two three"]], 20), "  a  one two three\n");
  assertEquals(definitions([["a", "one two three"]], 14), "  a  one two\n     three\n");
  assertEquals(definitions([["a-long-name", "one two"]], 20), "  a-long-name\n      one two\n");
});
