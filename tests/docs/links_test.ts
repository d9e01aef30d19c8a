import { assert, assertEquals } from "@std/assert";
import { dirname, join } from "node:path/posix";
import { filesIn } from "../../scripts/readme/files.ts";
import { anchors, links, pages } from "./markdown.ts";

const all = await pages();
const sources = ["src", "tests"].flatMap(filesIn).map((path) => `./${path}`);

for (const page of all) {
  Deno.test(`the links of ${page.path} lead somewhere`, async () => {
    for (const link of links(page).filter((link) => !/^[a-z]+:/.test(link))) {
      const [file, anchor] = link.split("#");
      const path = file ? join(dirname(page.path), file) : page.path;
      await Deno.stat(path).catch(() => assert(false, `${link}: no such file`));
      const target = all.find((known) => known.path === path);
      if (anchor && target) assert(anchors(target).includes(anchor), `${link}: no such heading`);
    }
  });

  Deno.test(`the source files that ${page.path} names exist`, () => {
    const named = [...page.text.matchAll(/`((?:\w+\/)*\w+\.ts)`/g)].map(([, path]) => path);
    const missing = named.filter((path) => !sources.some((source) => source.endsWith(`/${path}`)));
    assertEquals(missing, []);
  });

  Deno.test(`the links of ${page.path} to the web are https, and to no machine of ours`, () => {
    const web = links(page).filter((link) => /^[a-z]+:/.test(link));
    assertEquals(web.filter((link) => !link.startsWith("https://")), []);
    for (const link of web) assert(new URL(link).hostname.includes("."), link);
  });
}

Deno.test("every page of docs/ can be reached from README.md", () => {
  const readme = all.find(({ path }) => path === "README.md")!;
  const linked = new Set(links(readme).map((link) => link.split("#")[0]));
  const missing = all.map(({ path }) => path)
    .filter((path) => path.startsWith("docs/") && !linked.has(path));
  assertEquals(missing, []);
});
