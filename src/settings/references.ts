import type { Kind } from "./setting.ts";

/** References of clients' configurations, which they replace with values: `${input:…}`, `{env:NAME}`. */
const REFERENCE = /\$\{[^{}]+\}|^\{(?:env|file):[^{}]+\}$/;

/** Variables of shells, as the whole text: `$NAME`, `%NAME%`. */
const VARIABLE = /^(?:\$[A-Z_][A-Z0-9_]*|%[A-Za-z_][A-Za-z0-9_]*%)$/;

/** What documentation has in place of a value, as the whole text: `<your-secret>`. */
const PLACEHOLDER = /^<[^<>]+>$/;

/** What is said about a text with a reference or a placeholder. */
export const UNREPLACED = "looks like a reference that the MCP client did not replace";

/** The same within a URL, which has no other use for these characters. */
const PLACEHOLDER_IN_URL = /<[^<>]+>/;

/** Whether the text of a setting has a reference or a placeholder in it, instead of a value. */
export function isUnreplaced(text: string, kind: Kind): boolean {
  // A command may refer to variables of its own.
  if (kind === "command") return false;
  const value = text.trim();
  return [REFERENCE, VARIABLE, PLACEHOLDER].some((pattern) => pattern.test(value)) ||
    kind === "url" && PLACEHOLDER_IN_URL.test(value);
}
