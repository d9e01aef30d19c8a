/** Different texts that are reported, if nothing else is said. */
const LIMIT = 100;
/** Characters of a text that are reported. */
const MAX_LENGTH = 500;

/**
 * Reports each text once, and only so many different ones: they may contain words of a server, which
 * can have any number of them.
 *
 * @param report takes a text
 * @param rest is reported instead of all that are too many
 */
export function onceEach(
  report: (text: string) => void,
  rest: string,
  limit = LIMIT,
): (text: string) => void {
  const reported = new Set<string>();
  return (text) => {
    const cut = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
    if (reported.size > limit || reported.has(cut)) return;
    reported.add(cut);
    report(reported.size > limit ? rest : cut);
  };
}
