/** A value as a reader of a test log wants it: in depth, keys sorted, one member a line. */
export function show(value: unknown): string {
  return Deno.inspect(value, {
    colors: false,
    compact: false,
    depth: Infinity,
    iterableLimit: Infinity,
    sorted: true,
    strAbbreviateSize: Infinity,
    trailingComma: true,
  });
}

/** Longer ones are shown one after the other: the table below grows with the product. */
const MAX_LINES = 2000;

/** The lines of `actual` (`-`), of `expected` (`+`), and of both. */
export function difference(actual: unknown, expected: unknown): string {
  const a = linesOf(actual);
  const b = linesOf(expected);
  return ["    [Diff] - actual / + expected", "", ...align(a, b)].join("\n");
}

/** Text keeps its line endings, visibly: they may be the difference. */
const linesOf = (value: unknown) =>
  typeof value === "string" ? value.split(/(?<=\n)/).map(escaped) : show(value).split("\n");

const escaped = (line: string) => JSON.stringify(line).slice(1, -1).replaceAll('\\"', '"');

function align(a: string[], b: string[]): string[] {
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let [endA, endB] = [a.length, b.length];
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) endA--, endB--;
  return [
    ...marked(" ", a.slice(0, start)),
    ...changes(a.slice(start, endA), b.slice(start, endB)),
    ...marked(" ", a.slice(endA)),
  ];
}

const marked = (sign: string, lines: string[]) => lines.map((line) => `${sign}   ${line}`);

/** By longest common subsequence: `common[i][j]` is its length for `a` from `i` and `b` from `j`. */
function changes(a: string[], b: string[]): string[] {
  if (Math.max(a.length, b.length) > MAX_LINES) return [...marked("-", a), ...marked("+", b)];
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i][j] = a[i] === b[j]
        ? common[i + 1][j + 1] + 1
        : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) lines.push(...marked(" ", [a[i]])), i++, j++;
    else if (common[i + 1][j] >= common[i][j + 1]) lines.push(...marked("-", [a[i++]]));
    else lines.push(...marked("+", [b[j++]]));
  }
  return [...lines, ...marked("-", a.slice(i)), ...marked("+", b.slice(j))];
}
