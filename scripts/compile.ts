/**
 * Compiles the command into executables that need nothing installed, in `./dist`.
 *
 *     deno task compile           for this machine
 *     deno task compile --all     for all targets of Deno, with SHA256SUMS
 *
 * Needs Deno's download site, for the runtime that goes into the executable.
 */
import { run } from "./npm/run.ts";
import { compileOptions } from "./release/compile_options.ts";
import { withPublishedConfig } from "./release/published_config.ts";

const TARGETS = [
  "aarch64-apple-darwin",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "x86_64-pc-windows-msvc",
  "x86_64-unknown-linux-gnu",
];
const OUT = "dist";

async function compile(name: string, flags: readonly string[] = []): Promise<void> {
  await withPublishedConfig(async (config) => {
    const output = ["--output", `${OUT}/${name}`];
    await run(Deno.execPath(), [...compileOptions(config), ...flags, ...output, "cli.ts"]);
  });
}

/** Lines as `sha256sum` writes and checks them. */
async function checksums(): Promise<string> {
  const lines: string[] = [];
  for await (const { name } of Deno.readDir(OUT)) {
    if (!name.startsWith("mcp-oauth-proxy-")) continue;
    const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(`${OUT}/${name}`));
    const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0"));
    lines.push(`${hex.join("")}  ${name}\n`);
  }
  return lines.sort((a, b) => a.slice(64) < b.slice(64) ? -1 : 1).join("");
}

if (Deno.args.includes("--all")) {
  for (const target of TARGETS) await compile(`mcp-oauth-proxy-${target}`, ["--target", target]);
  await Deno.writeTextFile(`${OUT}/SHA256SUMS`, await checksums());
} else {
  await compile("mcp-oauth-proxy");
}
