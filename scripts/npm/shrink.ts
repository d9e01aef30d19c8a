import { minify } from "terser";

/** Characters of a line: a stack trace that names line and column is then still precise. */
const LINE_LENGTH = 160;

/** A variable that holds a function, which appears under this name in stack traces. */
const FUNCTION = /\b(?:const|let|var) (\w+) = (?:async )?(?:function\b|\([^()]*\) =>|\w+ =>)/g;

/**
 * Makes all scripts in `folder` smaller: no comments, no white space, short names for what is local
 * to a function. Stack traces stay readable: functions and classes keep their names, and each
 * statement a line of its own.
 */
export async function shrink(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    const source = await Deno.readTextFile(path);
    const { code } = await minify(source, {
      module: true,
      compress: false,
      mangle: {
        module: false, // What is not local to a function keeps its name.
        keep_classnames: true,
        keep_fnames: true,
        reserved: Array.from(source.matchAll(FUNCTION), ([, name]) => name),
      },
      format: { semicolons: false, comments: false, max_line_len: LINE_LENGTH },
    });
    if (code === undefined) throw new Error(`${path}: nothing is left`);
    await Deno.writeTextFile(path, `${code}\n`);
  }
}
