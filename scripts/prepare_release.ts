/**
 * Prepares the files for a release: `deno task release:prepare 2.1.0`.
 *
 * @module
 */
import { prepareRelease, RELEASE_FILES, type ReleaseTexts } from "./release/prepare.ts";

const [version = ""] = Deno.args;
const entries = await Promise.all(
  RELEASE_FILES.map(async (path) => [path, await Deno.readTextFile(path)] as const),
);
const texts = Object.fromEntries(entries) as ReleaseTexts;
try {
  const prepared = prepareRelease(texts, version, new Date().toISOString().slice(0, 10));
  for (const path of RELEASE_FILES) await Deno.writeTextFile(path, prepared[path]);
} catch (error) {
  console.error((error as Error).message);
  Deno.exitCode = 1;
}
