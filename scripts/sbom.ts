/**
 * Prints the software bill of materials of the program: `deno task sbom > dist/sbom.cdx.json`. It
 * lists the packages whose code a user runs. Needs JSR.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };
import { withPublishedConfig } from "./release/published_config.ts";
import { billOfMaterials } from "./release/sbom.ts";

const registry = Deno.env.get("JSR_URL") ?? "https://jsr.io/";
const info = await withPublishedConfig((path) =>
  new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--config", path, "--no-lock", "cli.ts"],
    stderr: "inherit",
  }).output()
);
if (!info.success) Deno.exit(1);
const graph = JSON.parse(new TextDecoder().decode(info.stdout));
console.log(JSON.stringify(billOfMaterials(graph, registry, config.version), null, 2));
