/** Edits by which a word may differ from the one that was meant. */
const MAX_EDITS = 2;

/** The word that was probably meant, if one is near. */
export function suggestion(word: string, known: readonly string[]): string | undefined {
  const [best] = known.map((name) => ({ name, edits: edits(word, name) }))
    .filter(({ name, edits }) => edits <= Math.min(MAX_EDITS, name.length / 3))
    .sort((one, other) => one.edits - other.edits);
  return best?.name;
}

/** `; did you mean NAME?`, or nothing. */
export function didYouMean(word: string, known: readonly string[], prefix = ""): string {
  const name = suggestion(word, known);
  return name === undefined ? "" : `; did you mean ${prefix}${name}?`;
}

/** Number of insertions, deletions, replacements and swaps of neighbours between two words. */
function edits(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > MAX_EDITS) return Infinity;
  const rows = [Array.from({ length: other.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const cost = one[i - 1] === other[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      row.push(Math.min(
        rows[i - 1][j] + 1,
        row[j - 1] + 1,
        rows[i - 1][j - 1] + cost,
        swapped ? rows[i - 2][j - 2] + 1 : Infinity,
      ));
    }
    rows.push(row);
  }
  return rows[one.length][other.length];
}
