import { minify } from "terser";

/** Characters of a line: a stack trace that names line and column is then still precise. */
const LINE_LENGTH = 160;

/**
 * Removes comments and white space from all scripts in `folder`, a fifth of what is installed.
 * Names stay as they are and each statement keeps a line of its own, so that stack traces stay
 * readable.
 */
export async function shrink(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    const { code } = await minify(await Deno.readTextFile(path), {
      module: true,
      compress: false,
      mangle: false,
      format: { semicolons: false, comments: false, max_line_len: LINE_LENGTH },
    });
    if (code === undefined) throw new Error(`${path}: nothing is left`);
    await Deno.writeTextFile(path, `${code}\n`);
  }
}
