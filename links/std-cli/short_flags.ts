/** A value glued to a letter: `=text` further on, or a number at the end. */
const VALUE = /=(.+)/;
const NUMBER = /-?\d+(\.\d*)?(e-?\d+)?$/;

/**
 * The letters of `-abc` with their values where one is attached: `-n5`, `-n=5`, `-n/path`. `last` is the letter whose
 * value may be the next argument.
 */
export function attached(arg: string): { flags: Array<[string, string?]>; last?: string } {
  const flags: Array<[string, string?]> = [];
  for (let i = 1; i < arg.length - 1; i++) {
    const letter = arg[i];
    const rest = arg.slice(i + 1);
    const value = rest === "="
      ? ""
      : /[A-Za-z]/.test(letter)
      ? VALUE.exec(rest)?.[1] ?? NUMBER.exec(rest)?.input
      : undefined;
    if (rest === "-") {
      flags.push([letter, rest]);
    } else if (value !== undefined || (rest.length > 1 && /^\W/.test(rest))) {
      return { flags: [...flags, [letter, value ?? rest]] };
    } else {
      flags.push([letter]);
    }
  }
  return arg.endsWith("-") ? { flags } : { flags, last: arg.at(-1) };
}
