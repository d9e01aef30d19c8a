/** The most characters of a line for people; servers and clients can put text into it. */
const MAX_LINE = 4_000;
/**
 * Characters that terminals obey, that begin a line, or that nobody sees: control and format
 * characters and separators. Two format characters stay, since scripts and emoji need them.
 */
const UNSAFE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const UNSAFE_RUN = new RegExp(`(?:${UNSAFE.source})+`, "gu");
/** White space between the tokens of JSON. */
const JSON_SPACE = ["\t", "\n", "\r"];

/** A text as one line that is safe to show, whoever wrote it. */
export function plain(text: string): string {
  const line = text.replace(UNSAFE_RUN, " ");
  return line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line;
}

/** Valid JSON that is safe to show, whoever wrote it: the same value, with escape sequences. */
export function escapedJson(json: string): string {
  return json.replace(
    UNSAFE,
    (character) => JSON_SPACE.includes(character) ? character : escapeSequences(character),
  );
}

/** `\u…` for each UTF-16 code unit. */
function escapeSequences(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
