/**
 * Writes the parts of the documentation that are made from the code, between their markers:
 *
 *     deno task readme
 */
import { run } from "./npm/run.ts";
import { generatedPages } from "./readme/pages.ts";
import { OPTIONS_PATH, optionsSource } from "./readme/options.ts";
import { withSections } from "./readme/sections.ts";

await Deno.writeTextFile(OPTIONS_PATH, optionsSource());
await run(Deno.execPath(), ["fmt", "--quiet", OPTIONS_PATH]);

for (const [path, sections] of Object.entries(generatedPages())) {
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, withSections(text, sections));
  await run(Deno.execPath(), ["fmt", "--quiet", path]);
}
