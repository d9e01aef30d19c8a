// deno-lint-ignore no-control-regex
const COLOURS = /\x1b\[[\d;]*m/g;

/** The line of a program's stderr that says best why it failed: its first error, else its last line. */
export function reason(stderr: string): string {
  const lines = stderr.replace(COLOURS, "").split("\n").map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("at "));
  const error = lines.find((line) => /\berr(or)?\b/i.test(line)) ?? lines.at(-1) ?? "";
  return error.slice(0, 200);
}
