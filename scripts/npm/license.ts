/** Whose code is inlined; all of it is under the MIT licence, with the terms of ours. */
const INLINED = [
  "@std/cli and @std/streams: Copyright 2018-2026 the Deno authors",
  "eventsource-parser: Copyright (c) 2026 Espen Hovlandsdal <espen@hovlandsdal.com>",
  "oauth4webapi: Copyright (c) 2022 Filip Skokan",
];

/**
 * The licence of the package: ours, and the copyright notices of the code that is inlined, which
 * the MIT licence wants in all copies.
 *
 * @param license our licence
 */
export function packageLicense(license: string): string {
  const notices = INLINED.map((notice) => `- ${notice}\n`).join("");
  return `${license}\nThe package contains code of others under these same terms:\n\n${notices}`;
}
