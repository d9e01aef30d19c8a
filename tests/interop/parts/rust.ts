import { buildRust } from "./install.ts";
import { type PairClient, type PairServer, programClient, programServer } from "./pairs.ts";

// The official Rust SDK, as client of each era and as server.

const SOURCE = new URL(import.meta.resolve("../rust")).pathname;

/** Builds the programs, which needs Cargo. */
export async function rustPairs(): Promise<{ clients: PairClient[]; servers: PairServer[] }> {
  const folder = await buildRust(SOURCE);
  const manifest = await Deno.readTextFile(`${SOURCE}/Cargo.toml`);
  const name = `Rust SDK ${/rmcp = \{ version = "=(.+?)"/.exec(manifest)?.[1]}`;
  return {
    clients: ["2025-11-25", "2026-07-28"].map((era) =>
      programClient(`${name}, ${era}`, [`${folder}/client`, era])
    ),
    servers: [programServer(name, "both", [`${folder}/server`])],
  };
}
