import { installPython, pythonVersion } from "./install.ts";
import { type PairClient, type PairServer, programClient, programServer } from "./pairs.ts";

// The official Python SDK 1.x and 2.x, as client and as server.

const file = (name: string) => new URL(import.meta.resolve(`../python/${name}`)).pathname;

async function install(range: string) {
  const python = await installPython(range.replace(/\W+/g, "_"), [range, "pyjwt[crypto]"]);
  const name = `Python \`mcp\` ${await pythonVersion(python, "mcp")}`;
  return { name, client: [python, file("mcp_client.py")], server: [python, file("mcp_server.py")] };
}

/** FastMCP, as client. */
export async function fastMcpClient(): Promise<PairClient> {
  const python = await installPython("fastmcp", ["fastmcp>=4,<5"]);
  const name = `FastMCP ${await pythonVersion(python, "fastmcp")}`;
  return programClient(name, [python, file("fastmcp_client.py")]);
}

/** Installs both versions. */
export async function pythonPairs(): Promise<{ clients: PairClient[]; servers: PairServer[] }> {
  const [one, two] = await Promise.all([install("mcp<2"), install("mcp>=2,<3")]);
  return {
    clients: [one, two].map(({ name, client }) => programClient(name, client)),
    servers: [
      // It declares that it does not announce changes, so a 2026-07-28 client cannot subscribe.
      programServer(
        one.name,
        "2025-11-25",
        one.server,
        ({ protocol }) =>
          protocol >= "2026" ? ["list_changed", "updated", "updated after restart"] : [],
      ),
      programServer(two.name, "both", two.server),
    ],
  };
}
