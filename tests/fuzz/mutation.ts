import { between, type Random } from "../chaos/random.ts";

/** Bytes that a mutated text may have at most. */
const LONGEST = 400_000;

/** Text at which parsers go wrong. */
const TOKENS = [
  ...'{}[]":,\\/\0\r\x1b\x7f\x85\u2028\u202e\ufeff',
  ..."null|true|-0|1e999|9007199254740993|\\ud800|\\u0000|//|__proto__|constructor".split("|"),
  ...'data:|id: é|event: endpoint|retry: 99999999999|: |Bearer |scope="|resource_metadata="'.split(
    "|",
  ),
  ..."\r\n\r\n|\n\n|eyJ|eyJhbGciOiJub25lIn0.e30.|\xff|%00|://|@|..|#|?".split("|"),
];

/** Values that no schema expects. */
const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  9007199254740993,
  "",
  "\u2028\u202e\x1b[2J",
  "constructor",
  "x".repeat(5_000),
  [],
  {},
  [[]],
  { a: { a: { a: {} } } },
];

type Change = (text: string, random: Random) => string;

const position = (text: string, random: Random) => between(0, text.length, random);

/** Changes of a text that know nothing of its syntax. */
const CHANGES: readonly Change[] = [
  function insert(text, random) {
    const at = position(text, random);
    return text.slice(0, at) + oneOf(TOKENS, random) + text.slice(at);
  },
  function replace(text, random) {
    const at = position(text, random);
    return text.slice(0, at) + String.fromCharCode(between(0, 255, random)) + text.slice(at + 1);
  },
  function remove(text, random) {
    const at = position(text, random);
    return text.slice(0, at) + text.slice(at + between(1, 20, random));
  },
  function truncate(text, random) {
    return text.slice(0, position(text, random));
  },
  function repeat(text, random) {
    const at = position(text, random);
    const part = text.slice(at, at + between(1, 30, random));
    const most = random() < 0.1 ? LONGEST : 2_000;
    const times = part === "" ? 0 : between(1, Math.floor(most / part.length), random);
    return text.slice(0, at) + part.repeat(times) + text.slice(at);
  },
  function swap(text, random) {
    const [one, other] = [position(text, random), position(text, random)].sort((a, b) => a - b);
    return text.slice(one, other) + text.slice(0, one) + text.slice(other);
  },
];

/** One of the items. */
export function oneOf<T>(items: readonly T[], random: Random): T {
  return items[between(0, items.length - 1, random)];
}

/** A text with up to four random changes. */
export function mutated(text: string, random: Random): string {
  for (let left = between(1, 4, random); left > 0; left--) {
    text = oneOf(CHANGES, random)(text, random);
  }
  return text.slice(0, LONGEST);
}

/** A JSON value with some members replaced, removed or added, at any depth. */
export function mutatedValue(value: unknown, random: Random): unknown {
  if (random() < 0.15) return oneOf(VALUES, random);
  if (Array.isArray(value)) return value.map((item) => mutatedValue(item, random));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value)
    .filter(() => random() > 0.05)
    .map(([name, member]) => [name, mutatedValue(member, random)]);
  if (random() < 0.1) members.push([oneOf(TOKENS, random), oneOf(VALUES, random)]);
  return Object.fromEntries(members);
}

/** JSON of a value, changed in its structure, in its text, in both, or not at all. */
export function fuzzedJson(value: unknown, random: Random): string {
  const kind = random();
  const text = JSON.stringify(kind < 0.4 ? mutatedValue(value, random) : value);
  return kind > 0.3 && kind < 0.7 ? mutated(text, random) : text;
}

/** A text as bytes, one for each character up to U+00FF, so that invalid UTF-8 can come about. */
export function bytesOf(text: string, random: Random): Uint8Array<ArrayBuffer> {
  if (random() < 0.8) return new TextEncoder().encode(text);
  return Uint8Array.from(text, (char) => char.codePointAt(0)! & 0xff);
}

/** Bytes cut into pieces at random places. */
export function pieces(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer>[] {
  const cuts = Array.from(
    { length: between(0, 4, random) },
    () => between(0, bytes.length, random),
  );
  const ends = [...cuts.sort((one, other) => one - other), bytes.length];
  return ends.map((end, i) => bytes.slice(ends[i - 1] ?? 0, end)).filter(({ length }) =>
    length > 0
  );
}
