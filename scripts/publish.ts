/**
 * Publishes the package to JSR: `deno task publish [options of deno publish]`.
 *
 * The files to publish are copied to a temporary folder, next to a configuration without `links`.
 * So the stand-ins in links/ are neither used nor published.
 *
 * @module
 */
import { dirname } from "node:path";
import config from "../deno.json" with { type: "json" };
import { publishedConfig } from "./release/published_config.ts";

/** Copies a file, or a folder with everything in it. */
async function copy(source: string, target: string): Promise<void> {
  if ((await Deno.stat(source)).isFile) {
    await Deno.mkdir(dirname(target), { recursive: true });
    return await Deno.copyFile(source, target);
  }
  for await (const { name } of Deno.readDir(source)) {
    await copy(`${source}/${name}`, `${target}/${name}`);
  }
}

/** Makes the folder that is published. */
async function stage(folder: string): Promise<void> {
  for (const path of config.publish.include) await copy(path, `${folder}/${path}`);
  const published = publishedConfig({ tasks: undefined });
  await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(published, null, 2) + "\n");
}

const folder = await Deno.makeTempDir({ prefix: "mcp-oauth-proxy-publish-" });
try {
  await stage(folder);
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["publish", "--no-lock", ...Deno.args],
    cwd: folder,
  }).spawn().status;
  Deno.exitCode = code;
} finally {
  await Deno.remove(folder, { recursive: true });
}
