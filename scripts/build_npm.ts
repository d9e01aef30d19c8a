/**
 * Builds the npm package in `./npm`.
 *
 *     deno task npm            with dnt, which fetches the JSR packages (the release)
 *     deno task npm:offline    from the stand-ins in links/, where JSR is out of reach (CI)
 *
 * Both write the same package.json, the same declarations and the same files; only the source of
 * the inlined JSR packages differs.
 */
import config from "../deno.json" with { type: "json" };
import { bundle, fileUrl } from "./npm/bundle.ts";
import { bundleDeclarations } from "./npm/declarations.ts";
import { transformWithDnt } from "./npm/dnt.ts";
import { packageLicense } from "./npm/license.ts";
import { mergeChunks } from "./npm/merge_chunks.ts";
import { ENTRY_POINTS, packageJson, STAND_INS } from "./npm/package_json.ts";
import { shrink } from "./npm/shrink.ts";

const OUT = "npm";

async function bundleOffline(): Promise<void> {
  const standIns = Object.entries(STAND_INS).map((pair) => pair.map(fileUrl));
  const importMap = { ...config.imports, ...Object.fromEntries(standIns) };
  await bundle(ENTRY_POINTS, `${OUT}/esm`, importMap);
}

async function bundleDntOutput(): Promise<void> {
  const work = `${OUT}/dnt`;
  await bundle(await transformWithDnt(work), `${OUT}/esm`);
  await Deno.remove(work, { recursive: true });
}

/** npm starts the file itself, so it has to say what runs it. */
async function makeExecutable(path: string): Promise<void> {
  const code = await Deno.readTextFile(path);
  const shebang = "#!/usr/bin/env node\n";
  await Deno.writeTextFile(path, code.startsWith("#!") ? code : shebang + code);
  if (Deno.build.os !== "windows") await Deno.chmod(path, 0o755);
}

await Deno.remove(OUT, { recursive: true }).catch((error) => {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
});
await Deno.mkdir(OUT);
await (Deno.args.includes("--offline") ? bundleOffline() : bundleDntOutput());
await mergeChunks(`${OUT}/esm`, "cli.js");
await shrink(`${OUT}/esm`);
await makeExecutable(`${OUT}/esm/cli.js`);
await Deno.writeTextFile(`${OUT}/esm/mod.d.ts`, await bundleDeclarations(ENTRY_POINTS.mod));
await Deno.writeTextFile(
  `${OUT}/package.json`,
  JSON.stringify(packageJson(config), null, 2) + "\n",
);
await Deno.writeTextFile(`${OUT}/LICENSE`, packageLicense(await Deno.readTextFile("LICENSE")));
for (const file of ["README.md", "CHANGELOG.md"]) await Deno.copyFile(file, `${OUT}/${file}`);
