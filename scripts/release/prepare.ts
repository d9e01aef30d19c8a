/** The texts that change for a release, by path. */
export const RELEASE_FILES = ["deno.json", "src/version.ts", "CHANGELOG.md", "README.md"] as const;

/** See {@linkcode RELEASE_FILES}. */
export type ReleaseTexts = Record<typeof RELEASE_FILES[number], string>;

const SEMANTIC_VERSION = /^\d+\.\d+\.\d+(-[0-9a-z.-]+)?$/;
/** What README says as long as the version is not on npm. */
const UNTIL_RELEASE = /<!-- until release -->[^]*?<!-- end of until release -->\n+/;

/**
 * Writes the version and the date of a release into the files that name them, and removes from README
 * what holds only until then.
 *
 * @param date as `YYYY-MM-DD`
 * @throws {Error} if the version is not one, or if the changelog has no section for it
 */
export function prepareRelease(texts: ReleaseTexts, version: string, date: string): ReleaseTexts {
  if (!SEMANTIC_VERSION.test(version)) throw new Error(`${version} is not a semantic version`);
  const heading = `## [${version}] - `;
  if (!texts["CHANGELOG.md"].includes(heading)) {
    throw new Error(`CHANGELOG.md has no section "${heading}…"`);
  }
  return {
    "deno.json": texts["deno.json"].replace(/("version": )"[^"]*"/, `$1"${version}"`),
    "src/version.ts": texts["src/version.ts"].replace(/(VERSION = )"[^"]*"/, `$1"${version}"`),
    "CHANGELOG.md": texts["CHANGELOG.md"].replace(`${heading}Unreleased`, heading + date),
    "README.md": texts["README.md"].replace(UNTIL_RELEASE, ""),
  };
}
