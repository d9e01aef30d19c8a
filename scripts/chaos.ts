/**
 * Trouble at random for the proxy, all of which it has to get over:
 * `deno task chaos [--seed N] [--seconds N] [--open N] [--transport http+sse]
 * [--client legacy|modern|both] [--server legacy|modern|both]`. With a client and a server of
 * different eras, all traffic goes over the bridge.
 *
 * The program under test is the sources under Deno, or what `MCP_PROXY_COMMAND` names. What happens
 * to each request follows from the seed, and when something happens to all of them; which requests
 * are on their way then does not, so that a replay meets the same trouble, and not to the millisecond.
 */

import { parseArgs } from "@std/cli/parse-args";
import { startChaosClient } from "../tests/chaos/client.ts";
import { between, randomNumbers } from "../tests/chaos/random.ts";
import { type Eras, startChaosServer, TRANSPORTS } from "../tests/chaos/server.ts";
import { elapsed } from "../tests/chaos/trouble.ts";
import { countOutcomes, findFaults } from "../tests/chaos/verdict.ts";
import { residentMegabytes } from "../tests/parts/memory_of.ts";
import { proxyCommand } from "../tests/parts/proxy_command.ts";

/** Megabytes that the JavaScript heap of the proxy may have: beyond that, it dies. */
const HEAP = 192;
/** Megabytes that the proxy may need in all, with thousands of connections at a time. */
const MEMORY = 1_024;
/** Seconds at the end in which nothing new goes wrong. */
const CALM = 8;
/** Milliseconds behind that in which the last answers, and the end, have to come. */
const PATIENCE = 120_000;

/** Milliseconds behind which the proxy keeps no connection that nobody uses. */
const SETTLE = 5_500;
/** Milliseconds behind that which a busy machine may take to close them; what is left over stays. */
const CLOSED_WITHIN = 30_000;
/** Connections that are in use with nothing to do: the stream of the server's own messages. */
const LISTENING = 1;

const options = parseArgs(Deno.args, {
  string: ["seed", "seconds", "open", "transport", "client", "server"],
});
const seed = Number(options.seed ?? Date.now() % 1e9);
const seconds = Number(options.seconds ?? 40);
/** Requests that are open at the same time. */
const open = Number(options.open ?? 2_000);
const transport = options.transport ?? "streamable-http";
if (!(transport in TRANSPORTS)) {
  throw new Error(`--transport has to be one of ${Object.keys(TRANSPORTS).join(", ")}`);
}
const clientEra = eraOf("client", transport === "http+sse" ? "legacy" : "both");
const serverEra = eraOf("server", transport === "http+sse" ? "legacy" : "both");
const replay =
  `--seed ${seed} --transport ${transport} --client ${clientEra} --server ${serverEra}`;

console.log(`Trouble for ${proxyCommand().join(" ")}`);
console.log(`${seconds} s, ${open} requests open at a time; to replay: ${replay}`);

const server = await startChaosServer(seed, transport, serverEra);
const client = startChaosClient(
  seed,
  {
    MCP_CLIENT_ID: "chaos",
    MCP_CLIENT_SECRET: "chaos-secret",
    MCP_SERVER_URL: server.url,
    MCP_AUTH_SERVER_URL: server.tokenEndpoint,
    MCP_MAX_IN_FLIGHT: String(open),
    MCP_LOG_LEVEL: "warn",
    DENO_V8_FLAGS: `--max-old-space-size=${HEAP}`,
    NODE_OPTIONS: `--max-old-space-size=${HEAP}`,
  },
  clientEra,
);
const faults: string[] = [];
const memory: number[] = [];
const start = Date.now();
const passed = () => Date.now() - start;
const troubleUntil = (seconds - CALM) * 1_000;

const watch = setInterval(() => memory.push(residentMegabytes(client.pid)), 500);
await Promise.race([run(), client.end]);
faults.push(...await endOf(client.end));
clearInterval(watch);
await server.close();
report();
Deno.exit(faults.length > 0 ? 1 : 0);

function eraOf(side: "client" | "server", usual: Eras): Eras {
  const era = options[side] ?? usual;
  if (era === "legacy" || era === "modern" || era === "both") return era;
  throw new Error(`--${side} has to be legacy, modern or both`);
}

/** Asks and strikes until it is time, and waits for what is still open. */
async function run(): Promise<void> {
  // From the start, so that a proxy that hangs in the middle of the trouble ends the run too.
  const deadline = setTimeout(giveUp, seconds * 1_000 + PATIENCE);
  await client.initialize();
  const striking = strikeUntilCalm();
  while (passed() < troubleUntil) {
    await client.fill(open);
    await client.answered();
  }
  await striking;
  server.trouble.isCalm = true;
  while (client.open > 0) await client.answered();
  await elapsed(SETTLE);
  const left = await connectionsDownTo(LISTENING);
  if (left > LISTENING) faults.push(`${left} connections are in use by nobody`);
  await client.close();
  clearTimeout(deadline);
}

function giveUp(): void {
  faults.push(`not over: ${client.open} requests are open after ${passed()} ms`);
  client.kill();
}

/** How many connections are left: so many, or more that nobody closes. */
async function connectionsDownTo(few: number): Promise<number> {
  const deadline = Date.now() + CLOSED_WITHIN;
  while (server.connections > few && Date.now() < deadline) await elapsed(50);
  return server.connections;
}

async function strikeUntilCalm(): Promise<void> {
  const random = randomNumbers(seed + 1);
  for (;;) {
    const wait = between(500, 2_000, random);
    if (passed() + wait > troubleUntil - 2_000) return;
    await elapsed(wait);
    await server.strike();
  }
}

/** What is wrong with the end of the proxy. */
async function endOf(end: Promise<number>): Promise<string[]> {
  const code = await end;
  const left = await connectionsDownTo(0); // The system tells of the last ones a moment later.
  return [
    ...(code === 0 ? [] : [`the proxy ended with ${code}`]),
    ...(left === 0 ? [] : [`${left} connections are left over`]),
    ...(Math.max(...memory) > MEMORY ? [`more than ${MEMORY} MB of memory`] : []),
  ];
}

function report(): void {
  const { trouble } = server;
  faults.push(...findFaults(client, trouble.deeds));
  console.log(`\nWhat happened:\n${list(trouble.happened)}`);
  console.log(`\nWhat became of ${client.asked.size} requests:\n${list(countOutcomes(client))}`);
  console.log(`\n${client.heard} messages of the server's own came out`);
  const trend = memory.filter((_, index) => index % 10 === 9).join(" ");
  console.log(`Memory: ${Math.max(...memory)} MB at the most; every five seconds: ${trend}`);
  if (faults.length === 0) return console.log(`No fault in ${Math.round(passed() / 1_000)} s`);
  for (const fault of faults.slice(0, 20)) console.log(`FAULT  ${fault}`);
  console.log(`\nThe last lines of its log:\n${client.log.slice(-10).join("\n")}`);
  console.log(`\n${faults.length} faults; to replay: ${replay}`);
}

function list(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort(([, one], [, other]) => other - one);
  return sorted.map(([name, count]) => `  ${String(count).padStart(7)}  ${name}`).join("\n");
}
