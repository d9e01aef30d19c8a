import { dropOldest } from "../drop_oldest.ts";

/** Texts of servers that are remembered. One is in a message or in the log at once, or never. */
const LATEST = 32;

/** The latest texts of servers that were put into messages. */
const latest = new Set<string>();

/**
 * Remembers a text of a server that is put into a message, so that it can be told from our own words
 * in it.
 *
 * @returns the same text
 */
export function foreign(words: string): string {
  latest.delete(words);
  latest.add(words);
  dropOldest(latest, LATEST);
  return words;
}

/** Whether the character of a message at an index is in a text of a server. */
export function isForeign(message: string, index: number): boolean {
  return [...latest].some((words) => {
    for (let at = message.indexOf(words); at >= 0; at = message.indexOf(words, at + words.length)) {
      if (at <= index && index < at + words.length) return true;
    }
    return false;
  });
}
