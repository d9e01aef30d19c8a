/**
 * Draws the pictures of the documentation, in `docs/pictures`, and writes the sample of a failed
 * `check` into README.md:
 *
 *     deno task pictures
 *
 * What the terminal shows is the output of `check` against servers on this machine. Only the names of
 * the servers are replaced by those of the examples.
 */
import { run } from "./npm/run.ts";
import { ansiLines, textOf } from "./pictures/ansi.ts";
import { checkOutputs } from "./pictures/check_output.ts";
import { diagram } from "./pictures/diagram.ts";
import { terminal } from "./pictures/terminal.ts";
import { THEMES } from "./pictures/theme.ts";
import { codeBlock, withSections } from "./readme/sections.ts";

const README = "README.md";
const FOLDER = "docs/pictures";
/** Columns of the terminal. */
const COLUMNS = 96;

const { succeeded, failed } = await checkOutputs(COLUMNS);
for (const [name, theme] of Object.entries(THEMES)) {
  const picture = terminal("mcp-oauth-proxy check", ansiLines(succeeded), COLUMNS, theme);
  await Deno.writeTextFile(`${FOLDER}/check-${name}.svg`, picture);
  await Deno.writeTextFile(`${FOLDER}/diagram-${name}.svg`, diagram(theme));
}

const sample = codeBlock("text", textOf(ansiLines(failed)));
const readme = await Deno.readTextFile(README);
await Deno.writeTextFile(README, withSections(readme, { "failed check": sample }));
await run(Deno.execPath(), ["fmt", "--quiet", README]);
