/** A value after a name that marks it as secret, in JSON or TOML. */
const SECRET =
  /((?:SECRET|KEY|TOKEN|PASSWORD|HEADERS|PARAMS)"?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'[^']*')/gi;
/** What stands for a value that is elsewhere: `${input:a}`, `{env:A}`. */
const REFERENCE = /^"\$?\{[^"]*\}"$/;

/**
 * What one edit changes, as lines with `-` and `+`. The lines around it are not ours to show, and
 * those that get no more than a comma do not count.
 */
export function changeOf(before: string, after: string): string {
  const old = before.split(/\r?\n/);
  const now = after.split(/\r?\n/);
  let start = 0;
  while (start < Math.min(old.length, now.length) && isSame(old[start], now[start])) start++;
  let end = 0;
  while (
    end < Math.min(old.length, now.length) - start &&
    isSame(old[old.length - 1 - end], now[now.length - 1 - end])
  ) end++;
  return [
    ...old.slice(start, old.length - end).map((line) => `- ${hidden(line)}\n`),
    ...now.slice(start, now.length - end).map((line) => `+ ${hidden(line)}\n`),
  ].join("");
}

function isSame(old: string, now: string): boolean {
  return old === now || old.trimEnd() + "," === now;
}

function hidden(line: string): string {
  return line.replace(
    SECRET,
    (_, name, value) => name + (REFERENCE.test(value) ? value : '"[redacted]"'),
  );
}
