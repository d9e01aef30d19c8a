/** The server process of the benchmark, as the bench sees it. */
import { fileURLToPath } from "node:url";
import { TextLineStream } from "@std/streams";

/** The running server. Disposing of it ends it. */
export interface Upstream extends AsyncDisposable {
  /** The token endpoint. */
  token: string;
  /** The MCP endpoint. */
  mcp: string;
  /** The MCP endpoint that speaks 2026-07-28 only. */
  modern: string;
  /** The MCP endpoint that speaks only what came before. */
  legacy: string;
  /** How many token and MCP requests it has had, and how many without a token. */
  counts(): Promise<{ token: number; mcp: number; unauthorized: number }>;
}

/** Starts the server under `node`, a Node of 24 or later. */
export async function startUpstream(node: string): Promise<Upstream> {
  const process = new Deno.Command(node, {
    args: [fileURLToPath(new URL("upstream/main.ts", import.meta.url))],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = process.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream()).getReader();
  const { value: port } = await lines.read();
  const origin = `http://127.0.0.1:${port}`;
  return {
    token: `${origin}/token`,
    mcp: `${origin}/mcp`,
    modern: `${origin}/modern`,
    legacy: `${origin}/legacy`,
    counts: () => fetch(`${origin}/counts`).then((response) => response.json()),
    async [Symbol.asyncDispose]() {
      process.kill("SIGKILL");
      await lines.cancel();
      await process.stdin.close().catch(() => {});
      await process.status;
    },
  };
}
