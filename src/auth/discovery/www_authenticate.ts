/**
 * The challenges of a `WWW-Authenticate` header (RFC 9110 section 11.6.1). The parser of oauth4webapi
 * needs a `Response`; on Node, the first one loads all of `fetch`, which takes a quarter of the start.
 */

/** One challenge. */
export interface ParsedChallenge {
  /** Authentication scheme in lower case. */
  readonly scheme: string;
  /** Parameters by their names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

const TOKEN = "[\\w!#$%&'*+.^`|~-]+";
// Sticky, so that each character is read once: the header is a server's.
const SEPARATORS = /[\s,]*/y;
const SCHEME = new RegExp(`(${TOKEN})(?=[\\s,]|$)`, "y");
const PARAMETER = new RegExp(`(${TOKEN})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\[^])*)"|(${TOKEN}))`, "y");
const TOKEN_68 = /[\w.~+/-]+={0,2}(?=[\s,]|$)/y;

/** Parses a header; one that does not follow the syntax has no challenges. */
export function parseChallenges(header: string): readonly ParsedChallenge[] {
  const challenges: ParsedChallenge[] = [];
  let at = 0;

  function next(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = at;
    const match = pattern.exec(header);
    if (match) at = pattern.lastIndex;
    return match;
  }

  for (next(SEPARATORS); at < header.length;) {
    const scheme = next(SCHEME)?.[1].toLowerCase();
    if (scheme === undefined) return [];
    const end = at;
    next(SEPARATORS);
    const parameters: Record<string, string> = Object.create(null);
    challenges.push({ scheme, parameters });
    // After a comma, what is not a parameter is the next scheme.
    let isFirst = !header.slice(end, at).includes(",");
    for (let found = next(PARAMETER); found; found = next(PARAMETER)) {
      const [, name, quoted, plain] = found;
      parameters[name.toLowerCase()] = quoted?.replace(/\\([^])/g, "$1") ?? plain;
      isFirst = false;
      next(SEPARATORS);
    }
    if (isFirst) next(TOKEN_68);
    next(SEPARATORS);
  }
  return challenges;
}
