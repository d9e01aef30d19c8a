import { assertEquals, assertStringIncludes } from "@std/assert";
import { generatedPages } from "../../scripts/readme/pages.ts";
import { withSections } from "../../scripts/readme/sections.ts";
import { STEP } from "../../src/commands/check/steps.ts";
import config from "../../deno.json" with { type: "json" };
import { codeBlocks, pages } from "./markdown.ts";

const all = await pages();
const readme = all.find(({ path }) => path === "README.md")!;

/** Markdown without what its layout adds. */
function bare(text: string): string {
  return text.replace(/ +/g, " ").replace(/-{3,}/g, "---").replace(/\n+/g, "\n");
}

for (const [path, sections] of Object.entries(generatedPages())) {
  Deno.test(`the generated parts of ${path} are up to date; if not: deno task readme`, () => {
    const { text } = all.find((page) => page.path === path)!;
    assertEquals(bare(text), bare(withSections(text, sections)));
  });
}

Deno.test("the entry of README.md pins the issuer", () => {
  const [block] = codeBlocks(readme).filter(({ language }) => language === "json");
  const { servers } = JSON.parse(block.code);
  assertEquals(servers["my-server"].env.MCP_AUTH_ISSUER, "https://auth.example.com");
});

Deno.test("CONTRIBUTING.md lists every task of deno.json", () => {
  const { text } = all.find(({ path }) => path === "CONTRIBUTING.md")!;
  for (const task of Object.keys(config.tasks)) assertStringIncludes(text, `\`${task}\``);
});

Deno.test("docs/commands.md lists the steps of check, and README.md shows them in order", () => {
  const commands = all.find(({ path }) => path === "docs/commands.md")!.text;
  for (const step of Object.values(STEP).filter((step) => step !== STEP.refusal)) {
    assertStringIncludes(commands, `\`${step}\``);
  }
  const sample = codeBlocks(readme).find(({ language }) => language === "text")!.code;
  // Only check --from shows the step of the entry.
  const steps = Object.values(STEP).filter((step) => step !== STEP.entry);
  const shown = [...sample.matchAll(/^[✓✗–!] (.+?) +\d+ ms/gm)].map(([, step]) => step);
  assertEquals(shown, steps.slice(0, shown.length));
});

for (const page of all) {
  Deno.test(`the JSON of ${page.path} is valid`, () => {
    for (const { language, code } of codeBlocks(page)) if (language === "json") JSON.parse(code);
  });
}
