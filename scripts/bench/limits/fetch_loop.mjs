/**
 * The same work without a proxy: this program calls the server itself.
 *
 *     fetch_loop.mjs          with the runtime's fetch
 *     fetch_loop.mjs http     with node:http, which is what Node has beside it
 *
 * It gets the token and initialises at once, writes the answer to stdout, and then does the work that
 * a line on stdin describes, timing itself. What the work needs is loaded after that answer, so that
 * the start is that of the client alone.
 */
import process from "node:process";
import { authorized } from "./authorized.mjs";

const post = await authorized(process.argv[2]);
const initialize = {
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "bench", version: "1.0.0" },
  },
};
const answer = await post(JSON.stringify(initialize));
process.stdout.write(await answer.text() + "\n");

const { directPeer } = await import("./direct_peer.ts");
const { work } = await import("../work.ts");
const { createInterface } = await import("node:readline");
const peer = directPeer(post);
createInterface({ input: process.stdin }).on("line", async (line) => {
  const { id, work: plan } = JSON.parse(line);
  if (plan) console.log(JSON.stringify({ id, result: await work(peer, plan) }));
});
