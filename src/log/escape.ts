/** Characters of a line that people read; strangers have a say in what is in it. */
const LONGEST = 4_000;
/** What begins a line, or what terminals obey: control characters, separators, changes of direction. */
const CONTROLS = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

/** A text as one line that can be shown, whoever wrote it. */
export function plain(text: string): string {
  const line = text.replace(CONTROLS, " ");
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
