/** A quoted part, closed or not, or a part without quotes. */
const COMMAND_PART = /"([^"]*)"|'([^']*)'|["']|[^\s"']+/g;

/**
 * Reads a program and its arguments, which are started without a shell. Words are separated by
 * spaces; '…' and "…" keep words together, as in a shell. No other character is special. A backslash
 * is not either, so that paths of Windows work as they are. A JSON array of strings can have any word.
 */
export function commandLine(text: string): readonly string[] {
  const words = text.trim().startsWith("[") ? jsonWords(text) : quotedWords(text);
  if (!words[0]) throw new Error("is not a command");
  // The value may be a secret, and errors show the name of the program.
  if (/^\w+=/.test(words[0])) {
    throw new Error("begins with an assignment, which needs a shell; begin with a program");
  }
  return words;
}

function jsonWords(text: string): readonly string[] {
  let words: unknown;
  try {
    words = JSON.parse(text);
  } catch {
    // Reported below.
  }
  if (Array.isArray(words) && words.every((word) => typeof word === "string")) return words;
  throw new Error("starts with [ but is not a JSON array of strings");
}

function quotedWords(text: string): readonly string[] {
  const words: string[] = [];
  let end = -1;
  for (const { 0: part, 1: double, 2: single, index } of text.matchAll(COMMAND_PART)) {
    if (part === '"' || part === "'") throw new Error(`has a ${part} that is not closed`);
    const piece = double ?? single ?? part;
    // Parts without a space between them are one word: --key="two words".
    if (index === end) words[words.length - 1] += piece;
    else words.push(piece);
    end = index + part.length;
  }
  return words;
}
