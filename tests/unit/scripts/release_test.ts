import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { DNT, dntOptions } from "../../../scripts/npm/dnt.ts";
import { compileOptions } from "../../../scripts/release/compile_options.ts";
import { OLDEST_DENO } from "../../../scripts/release/oldest_deno.ts";
import { prepareRelease, type ReleaseTexts } from "../../../scripts/release/prepare.ts";
import { withPublishedConfig } from "../../../scripts/release/published_config.ts";
import { billOfMaterials } from "../../../scripts/release/sbom.ts";
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
  assertEquals(DNT, "jsr:@deno/dnt@0.43.2");
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

const UNPREPARED: ReleaseTexts = {
  "deno.json": '{ "name": "a", "version": "2.0.0" }',
  "src/version.ts": 'export const VERSION = "2.0.0";',
  "CHANGELOG.md": "# Changelog\n\n## [2.1.0] - Unreleased\n\n## [2.0.0] - 2026-11-26\n",
  "README.md":
    "Top\n\n<!-- until release -->\n\n_Not on npm yet._\n\n<!-- end of until release -->\n\nRest\n",
};

Deno.test("release:prepare writes version and date, and removes the lines that hold until the release", () => {
  const prepared = prepareRelease(UNPREPARED, "2.1.0", "2026-12-24");
  assertEquals(prepared, {
    "deno.json": '{ "name": "a", "version": "2.1.0" }',
    "src/version.ts": 'export const VERSION = "2.1.0";',
    "CHANGELOG.md": "# Changelog\n\n## [2.1.0] - 2026-12-24\n\n## [2.0.0] - 2026-11-26\n",
    "README.md": "Top\n\nRest\n",
  });
  assertEquals(prepareRelease(prepared, "2.1.0", "2026-12-25"), prepared, "a second time");
});

Deno.test("release:prepare refuses a version without a section in the changelog", () => {
  assertThrows(() => prepareRelease(UNPREPARED, "2.2.0", "2026-12-24"), Error, "## [2.2.0] - ");
  assertThrows(() => prepareRelease(UNPREPARED, "v2.1.0", "2026-12-24"), Error, "v2.1.0");
});

Deno.test("the bill of materials lists the packages of the program, each once", () => {
  const specifiers = [
    "file:///proxy/cli.ts",
    "https://jsr.io/@std/cli/1.0.99/parse_args.ts",
    "https://jsr.io/@std/cli/1.0.99/short_flags.ts",
    "node:tls",
    "npm:/@scope/name@1.2.3",
    "npm:/oauth4webapi@3.8.8",
  ];
  const graph = { modules: specifiers.map((specifier) => ({ specifier })) };
  const { components } = billOfMaterials(graph, "https://jsr.io/", "2.0.0");
  assertEquals((components as { purl: string }[]).map(({ purl }) => purl), [
    "pkg:jsr/%40std/cli@1.0.99",
    "pkg:npm/%40scope/name@1.2.3",
    "pkg:npm/oauth4webapi@3.8.8",
  ]);
});

Deno.test("workflows use each action by the hash of one commit, and Deno by an exact version", async () => {
  const commits = new Map<string, string>();
  for await (const { name } of Deno.readDir(".github/workflows")) {
    const text = await Deno.readTextFile(`.github/workflows/${name}`);
    for (const [line, action, commit] of text.matchAll(/uses: ([^@\s]+)@(.*)/g)) {
      assertMatch(commit, /^[0-9a-f]{40} # v\d+\.\d+\.\d+$/, `${name}: ${line}`);
      assertEquals(commits.get(action) ?? commit, commit, `${name}: ${line}`);
      commits.set(action, commit);
    }
    for (const [, version] of text.matchAll(/deno(?:-version)?: (v?\d.*|latest)/g)) {
      assertMatch(version, /^v\d+\.\d+\.\d+/, name);
    }
  }
  assert(commits.size > 0, "no actions found");
});

Deno.test("README promises the oldest Deno that is tested", async () => {
  const promised = OLDEST_DENO.replace(/\.0$/, "");
  assertStringIncludes(await Deno.readTextFile("README.md"), `Deno ${promised} or later`);
});
