import { buildGo } from "./install.ts";
import { type PairClient, type PairServer, programClient, programServer } from "./pairs.ts";

// The official Go SDK and mark3labs/mcp-go, as client of each era and as server.

const OFFICIAL = "v1.8.0";
const MARK3LABS = "v1.2.1";

/** Builds the programs, which needs Go. */
export async function goPairs(): Promise<{ clients: PairClient[]; servers: PairServer[] }> {
  const folder = await buildGo(
    new URL(import.meta.resolve("../go")).pathname,
    ["client", "server", "mark3labs_client", "mark3labs_server"],
    [
      `github.com/modelcontextprotocol/go-sdk@${OFFICIAL}`,
      `github.com/mark3labs/mcp-go@${MARK3LABS}`,
    ],
  );
  const official = `Go SDK ${OFFICIAL.slice(1)}`;
  const mark3labs = `mark3labs/mcp-go ${MARK3LABS.slice(1)}`;
  const eras = ["2025-11-25", "2026-07-28"];
  return {
    clients: eras.flatMap((era) => [
      programClient(
        `${official}, ${era}`,
        [`${folder}/client`, era],
        // It cannot read a `roots/list` without `params`, which only its own servers send.
        ({ roots }) => roots?.includes("unexpected end of JSON input") ? ["roots"] : [],
      ),
      programClient(`${mark3labs}, ${era}`, [`${folder}/mark3labs_client`, era]),
    ]),
    servers: [
      programServer(official, "both", [`${folder}/server`]),
      programServer(mark3labs, "both", [`${folder}/mark3labs_server`]),
    ],
  };
}
