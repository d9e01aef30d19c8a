/** A value in a JSONC text (JSON with comments and trailing commas, as editors use it). */
export interface JsoncNode {
  /** What it is. */
  readonly kind: "object" | "array" | "scalar";
  /** Offset of its first character. */
  readonly start: number;
  /** Offset after its last character. */
  readonly end: number;
  /** The members of an object, or the items of an array, in order. */
  readonly parts: readonly Part[];
}

/** A member of an object, or an item of an array, which has no key. */
export interface Part {
  readonly key?: string;
  /** Offset of the key's first character, or of the item's. */
  readonly start: number;
  readonly value: JsoncNode;
}

/** White space and comments. */
const BLANKS = /(?:[\s\ufeff]+|\/\/[^\r\n]*|\/\*[^]*?\*\/)*/y;
const STRING = /"(?:[^"\\\r\n]|\\.)*"/y;
const SCALAR = /(?:"(?:[^"\\\r\n]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)/y;

/**
 * Parses a JSONC text into nodes with offsets, so that parts of the text can be changed.
 *
 * @returns the root; `undefined` if there is nothing but white space and comments
 * @throws {SyntaxError} with the line, if the text is not JSONC
 */
export function parseJsonc(text: string): JsoncNode | undefined {
  let at = 0;

  function match(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  }

  function fail(expected: string): never {
    const line = text.slice(0, at).split("\n").length;
    throw new SyntaxError(`line ${line}: ${expected} expected`);
  }

  function value(): JsoncNode {
    const start = at;
    if (text[at] === "{" || text[at] === "[") {
      const kind = text[at] === "{" ? "object" : "array";
      const parts = collection(kind);
      return { kind, start, end: at, parts };
    }
    if (match(SCALAR) === undefined) fail("a value");
    return { kind: "scalar", start, end: at, parts: [] };
  }

  function collection(kind: "object" | "array"): Part[] {
    const close = kind === "object" ? "}" : "]";
    const parts: Part[] = [];
    at++;
    for (match(BLANKS); text[at] !== close; match(BLANKS)) {
      parts.push(kind === "object" ? member() : item());
      match(BLANKS);
      if (text[at] === ",") at++;
      else if (text[at] !== close) fail(`"," or "${close}"`);
    }
    at++;
    return parts;
  }

  function member(): Part {
    const start = at;
    const key = match(STRING) ?? fail("a name in quotes");
    match(BLANKS);
    if (text[at] !== ":") fail('":"');
    at++;
    match(BLANKS);
    return { key: JSON.parse(key), start, value: value() };
  }

  function item(): Part {
    return { start: at, value: value() };
  }

  match(BLANKS);
  if (at === text.length) return undefined;
  const root = value();
  match(BLANKS);
  if (at < text.length) fail("the end of the file");
  return root;
}

/** The value of a node. */
export function valueOf(text: string, { kind, start, end, parts }: JsoncNode): unknown {
  if (kind === "scalar") return JSON.parse(text.slice(start, end));
  if (kind === "array") return parts.map(({ value }) => valueOf(text, value));
  return Object.fromEntries(parts.map(({ key, value }) => [key, valueOf(text, value)]));
}

/** Offset after the white space and comments that start at `at`. */
export function skipBlanks(text: string, at: number): number {
  BLANKS.lastIndex = at;
  return at + (BLANKS.exec(text)?.[0].length ?? 0);
}
