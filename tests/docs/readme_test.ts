import { assertEquals, assertStringIncludes } from "@std/assert";
import { generatedSections, withSections } from "../../scripts/readme/sections.ts";
import { CLIENTS } from "../../src/commands/config/clients.ts";
import { draftEntry } from "../../src/commands/config/draft.ts";
import { snippet } from "../../src/commands/config/render.ts";
import { STEP } from "../../src/commands/check/steps.ts";
import config from "../../deno.json" with { type: "json" };
import { codeBlocks, pages } from "./markdown.ts";

const all = await pages();
const readme = all.find(({ path }) => path === "README.md")!;

/** Markdown without what its layout adds. */
function bare(text: string): string {
  return text.replace(/ +/g, " ").replace(/-{3,}/g, "---").replace(/\n+/g, "\n");
}

Deno.test("the tables of README.md are those of the code; if not: deno task readme", () => {
  assertEquals(bare(readme.text), bare(withSections(readme.text, generatedSections())));
});

Deno.test("the snippet of README.md is what config prints", () => {
  const env: Record<string, string> = {
    MCP_CLIENT_ID: "my-client",
    MCP_SERVER_URL: "https://mcp.example.com/mcp",
  };
  const draft = draftEntry({
    source: ({ variable }) => env[variable],
    client: CLIENTS.vscode,
    machine: { os: "linux", homeFolder: () => "/home/me", currentFolder: () => "/work" },
    launcher: "npx",
    name: "my-server",
  });
  const [block] = codeBlocks(readme).filter(({ language }) => language === "json");
  assertEquals(JSON.parse(block.code), JSON.parse(snippet(CLIENTS.vscode, draft)));
});

Deno.test("CONTRIBUTING.md tells of every task of deno.json", () => {
  const { text } = all.find(({ path }) => path === "CONTRIBUTING.md")!;
  for (const task of Object.keys(config.tasks)) assertStringIncludes(text, `\`${task}\``);
});

Deno.test("the steps of check are those that the pages show", () => {
  const commands = all.find(({ path }) => path === "docs/commands.md")!.text;
  for (const step of Object.values(STEP).filter((step) => step !== STEP.refusal)) {
    assertStringIncludes(commands, `\`${step}\``);
  }
  const sample = codeBlocks(readme).find(({ language }) => language === "text")!.code;
  const shown = [...sample.matchAll(/^[✓✗–!] (.+?) +\d+ ms/gm)].map(([, step]) => step);
  assertEquals(shown, Object.values(STEP).slice(0, shown.length));
});

for (const page of all) {
  Deno.test(`the JSON of ${page.path} is JSON`, () => {
    for (const { language, code } of codeBlocks(page)) if (language === "json") JSON.parse(code);
  });
}
