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

const client = process.argv[2] === "http" ? "./http_client.mjs" : "./fetch_client.mjs";
const { post } = await import(client);

const env = process.env;
const form = "application/x-www-form-urlencoded";
const credentials = new URLSearchParams({
  grant_type: "client_credentials",
  client_id: env.MCP_CLIENT_ID,
  client_secret: env.MCP_CLIENT_SECRET,
});
const token = await post(env.MCP_AUTH_SERVER_URL, { "Content-Type": form }, `${credentials}`);
const headers = {
  "Content-Type": "application/json",
  "Accept": "application/json, text/event-stream",
  "Authorization": `Bearer ${JSON.parse(await text(token)).access_token}`,
};
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
const answer = await post(env.MCP_SERVER_URL, headers, JSON.stringify(initialize));
process.stdout.write(await text(answer) + "\n");

const { directPeer } = await import("./direct_peer.ts");
const { work } = await import("../work.ts");
const { createInterface } = await import("node:readline");
const peer = directPeer((body) => post(env.MCP_SERVER_URL, headers, body));
createInterface({ input: process.stdin }).on("line", async (line) => {
  const { id, work: plan } = JSON.parse(line);
  if (plan) console.log(JSON.stringify({ id, result: await work(peer, plan) }));
});

async function text({ body }) {
  let all = "";
  for await (const chunk of body) all += new TextDecoder().decode(chunk);
  return all;
}
