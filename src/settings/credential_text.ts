/** Receives what is odd about a text that is used all the same: the end of a sentence about it. */
export type Warn = (what: string) => void;

// deno-lint-ignore no-control-regex -- These are the characters that no credential can have.
const CONTROL_CHARACTER = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/;
/** No-break spaces, soft hyphens, marks of direction, and characters of no width. */
const INVISIBLE = /[\u00a0\u00ad\u180e\u2000-\u200f\u202a-\u202f\u205f-\u2064\u3000\ufeff]/;
const QUOTES: readonly string[] = ['""', "''", "``", "“”", "‘’", "„“", "«»"];

/**
 * The text of a secret or an identifier, without the white space around it.
 *
 * @throws {Error} if it is empty or has control characters; the message does not repeat the text
 */
export function credentialText(text: string, warn: Warn = () => {}): string {
  const value = text.trim();
  if (value === "") throw new Error("contains only white space");
  if (CONTROL_CHARACTER.test(value)) {
    throw new Error("contains a line break or another control character; use a value of one line");
  }
  if (value !== text) warn("begins or ends with white space, which is removed");
  if (QUOTES.includes(value[0] + value.slice(-1)) && value.length > 1) {
    warn("is in quotes, which are sent as a part of it; remove them if they do not belong to it");
  }
  if (INVISIBLE.test(value)) {
    warn(
      "contains characters that cannot be seen, such as a no-break space or a zero-width space; " +
        "if they come from copying, type the value again",
    );
  }
  return value;
}
