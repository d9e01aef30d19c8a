import { isObject } from "../json/value.ts";
import { plain } from "./escape.ts";
import { foreign } from "./foreign_words.ts";

/** Characters of a server's explanation that are shown. */
const LONGEST = 200;
/** Characters of a page that are searched for its title. */
const HEAD = 4_096;

/** Members of a JSON error that explain it, in the order in which they are looked for. */
const EXPLANATIONS = ["error_description", "message", "detail", "errorSummary", "error", "title"];

/**
 * What a server says about its refusal, in one short line: a member of its JSON, the title of its
 * page, or its plain text. `undefined` if it says nothing.
 */
export function serverWords(body: string): string | undefined {
  const text = isPage(body) ? titleOf(body) : explanationIn(body) ?? body.slice(0, HEAD);
  const line = plain(text).replace(/ +/g, " ").trim();
  if (line === "") return undefined;
  return foreign(line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line);
}

/** Whether a body is an HTML page, whatever its media type says. */
export function isPage(body: string): boolean {
  return /^\ufeff?\s{0,64}<(?:!doctype html|html|head|body)\b/i.test(body.slice(0, HEAD));
}

function titleOf(page: string): string {
  return /<title>([^<]*)/i.exec(page.slice(0, HEAD))?.[1] ?? "";
}

function explanationIn(body: string): string | undefined {
  if (!/^\s*\{/.test(body.slice(0, HEAD))) return undefined;
  try {
    return explanationOf(JSON.parse(body));
  } catch {
    return undefined;
  }
}

function explanationOf(
  value: Readonly<Record<string, unknown>>,
  depth = 0,
): string | undefined {
  if (depth > 3) return undefined;
  for (const name of EXPLANATIONS) {
    const member = Object.hasOwn(value, name) ? value[name] : undefined;
    if (typeof member === "string" && member !== "") return member;
    if (isObject(member)) {
      const inner = explanationOf(member, depth + 1);
      if (inner !== undefined) return inner;
    }
  }
}
