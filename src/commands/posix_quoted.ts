/** A word for a POSIX shell, such as bash or zsh, in single quotes. */
export function posixQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
