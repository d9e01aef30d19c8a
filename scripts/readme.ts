/**
 * Writes what README.md tells of the tables of settings and commands, between its markers:
 *
 *     deno task readme
 */
import { generatedSections, withSections } from "./readme/sections.ts";
import { run } from "./npm/run.ts";

const README = "README.md";

const text = await Deno.readTextFile(README);
await Deno.writeTextFile(README, withSections(text, generatedSections()));
await run(Deno.execPath(), ["fmt", "--quiet", README]);
