import { between, pick, type Random, randomFor } from "../chaos/random.ts";
import { elapsed } from "../chaos/trouble.ts";
import { _meta } from "../parts/modern_messages.ts";
import { CLIENT_MESSAGES } from "./corpus.ts";
import { createLedger } from "./expected.ts";
import { bytesOf, fuzzedJson, oneOf } from "./mutation.ts";
import { type Program, SECRET, startProgram } from "./program.ts";
import { type FuzzServer, type Plan, startFuzzServer } from "./server.ts";

/** What a round found. */
export interface Outcome {
  readonly name: string;
  /** Requests that were answered, and invalid lines. */
  readonly lines: number;
  readonly faults: readonly string[];
  readonly log: readonly string[];
  /** What the server gave, and how often. */
  readonly given: ReadonlyMap<string, number>;
}

/** One kind of round. */
interface Kind {
  readonly name: string;
  readonly weight: number;
  readonly plan: Plan;
  /** Settings next to those of every round. */
  readonly env?: Record<string, string>;
  /** Whether the client initializes a session. */
  readonly isModern?: boolean;
  /** Runs a command instead of the proxy. */
  readonly isCommand?: boolean;
}

/** Lines of a round. */
const LINES = 40;
/** Milliseconds that a request has for its answer. */
const REQUEST_TIMEOUT = 2_000;
/** Milliseconds more until an answer, or the end of the process, is given up on. */
const PATIENCE = 15_000;
/** Milliseconds that a command has. */
const COMMAND_WITHIN = 60_000;

const MESSAGES = { message: 0.7, token: 0, metadata: 0 };
const TOKENS = { message: 0.1, token: 0.9, metadata: 0 };
const METADATA = { message: 0.1, token: 0.1, metadata: 0.6 };
const ALL = { message: 0.4, token: 0.3, metadata: 0.2 };

const KINDS: readonly Kind[] = [
  { name: "messages", weight: 4, plan: { share: MESSAGES, refusals: 0.02 } },
  { name: "modern messages", weight: 3, plan: { share: MESSAGES, refusals: 0.02 }, isModern: true },
  {
    name: "legacy client, modern server",
    weight: 3,
    plan: { share: MESSAGES, refusals: 0.02, unknown: "initialize" },
  },
  {
    name: "modern client, legacy server",
    weight: 3,
    plan: { share: MESSAGES, refusals: 0.02, unknown: "server/discover" },
    isModern: true,
  },
  { name: "HTTP+SSE", weight: 2, plan: { share: MESSAGES, refusals: 0.02, isHttpSse: true } },
  { name: "tokens", weight: 3, plan: { share: TOKENS, refusals: 0.3 } },
  {
    name: "DPoP",
    weight: 2,
    plan: { share: { ...ALL, metadata: 0 }, refusals: 0.1, isDpop: true },
    env: { MCP_DPOP: "true" },
  },
  {
    name: "metadata",
    weight: 4,
    plan: { share: METADATA, refusals: 0.2 },
    env: { MCP_AUTH_SERVER_URL: "discover" },
  },
  {
    name: "commands",
    weight: 4,
    plan: { share: ALL, refusals: 0.1 },
    env: { MCP_AUTH_SERVER_URL: "discover" },
    isCommand: true,
  },
];

const COMMANDS = [["check"], ["tools"], ["tools", "--json"], ["call", "echo", '{"text":"x"}'], [
  "permissions",
]];

/**
 * Runs one round; all of it follows from the seed and the number.
 *
 * @param only the name of the kind of round. @default a random one
 */
export async function runRound(
  seed: number,
  number: number,
  proxy: string,
  only?: string,
): Promise<Outcome> {
  const random = randomFor(seed, `round ${number}`);
  const kind = pick(KINDS.filter(({ name }) => only === undefined || name === only), random);
  await using server = await startFuzzServer(between(0, 2 ** 31, random), kind.plan);
  const env = {
    MCP_CLIENT_ID: "fuzz",
    MCP_CLIENT_SECRET: SECRET,
    MCP_SERVER_URL: `${server.origin}/mcp`,
    MCP_AUTH_SERVER_URL: `${server.origin}/token`,
    MCP_REQUEST_TIMEOUT: `${REQUEST_TIMEOUT}ms`,
    MCP_TOKEN_TIMEOUT: "2s",
    MCP_MAX_MESSAGE_BYTES: "600000",
    MCP_LOG_LEVEL: "debug",
    MCP_LOG_FORMAT: random() < 0.5 ? "json" : "text",
    ...kind.env,
    // A fuzzed address may name any host. All but loopback is sent to a port that answers nothing.
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    NO_PROXY: "127.0.0.1",
  };
  const run = kind.isCommand ? runCommand : runProxy;
  return { name: kind.name, ...await run({ kind, env, server, random }) };
}

interface Round {
  readonly kind: Kind;
  readonly env: Record<string, string>;
  readonly server: FuzzServer;
  readonly random: Random;
}

type Result = Omit<Outcome, "name">;

/** Sends lines to the proxy, waits for the answers, and closes stdin. */
async function runProxy({ kind, env, server, random }: Round): Promise<Result> {
  const ledger = createLedger();
  const faults: string[] = [];
  let wake = () => {};
  const program = startProgram([], env, (line) => {
    const messages = parse(line);
    if (!messages) return void faults.push(`not JSON-RPC on stdout: ${line.slice(0, 300)}`);
    for (const message of messages) {
      const fault = ledger.received(message);
      if (fault) faults.push(`${fault}: ${line.slice(0, 300)}`);
    }
    wake();
  });
  const isOver = program.end.then(() => true);

  async function send(line: string): Promise<void> {
    const bytes = bytesOf(line.replaceAll("\n", " "), random);
    ledger.sent(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
    await program.stdin.write(bytes).catch(() => {});
    await program.stdin.write(new TextEncoder().encode("\n")).catch(() => {});
  }

  /** Waits until the requests have their answers. */
  async function answered(): Promise<void> {
    const late = elapsed(REQUEST_TIMEOUT + PATIENCE);
    let isLate = false;
    late.then(() => isLate = true);
    while (ledger.open().length > 0 && !isLate) {
      const next = new Promise<void>((resolve) => wake = resolve);
      if (await Promise.race([next.then(() => false), late.then(() => false), isOver])) break;
    }
    noteUnanswered(ledger.open());
  }

  function noteUnanswered(ids: readonly string[]): void {
    for (const id of ids.slice(0, 5)) faults.push(`no answer to ${id.slice(0, 100)}`);
  }

  if (!kind.isModern) {
    await send(JSON.stringify(INITIALIZE));
    await answered();
    await send(JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }));
  }
  for (let n = 0; n < LINES; n++) await send(lineFor(n, kind, random));
  await answered();
  await program.stdin.close().catch(() => {});
  faults.push(...await endOf(program, PATIENCE, [0]));
  if (faults.length === 0) noteUnanswered(ledger.open(true));
  return { lines: LINES, faults, log: program.log, given: server.given };
}

/** Runs a command, which has to end by itself. */
async function runCommand({ env, server, random }: Round): Promise<Result> {
  const program = startProgram(oneOf(COMMANDS, random), env, () => {});
  await program.stdin.close().catch(() => {});
  const faults = await endOf(program, COMMAND_WITHIN, [0, 1, 2]);
  return { lines: 1, faults, log: program.log, given: server.given };
}

/** Waits for the end of the process. @returns what is wrong with it */
async function endOf(program: Program, time: number, codes: readonly number[]): Promise<string[]> {
  const timer = setTimeout(() => {
    program.faults.push(`does not end within ${time / 1000} s`);
    program.kill();
  }, time);
  const code = await program.end;
  clearTimeout(timer);
  return codes.includes(code) ? program.faults : [...program.faults, `the exit code is ${code}`];
}

const INITIALIZE = {
  jsonrpc: "2.0",
  id: "initialize",
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: { elicitation: {}, sampling: {} },
    clientInfo: { name: "fuzz", version: "1" },
  },
};

/** A well-formed call, or a fuzzed line. */
function lineFor(n: number, { isModern }: Kind, random: Random): string {
  if (random() < 0.3) return fuzzedJson(oneOf(CLIENT_MESSAGES, random), random);
  const params = { name: "echo", arguments: { text: "é" }, ...(isModern ? { _meta } : {}) };
  return JSON.stringify({ jsonrpc: "2.0", id: `call ${n}`, method: "tools/call", params });
}

/** The messages of a line of stdout; `undefined` if it is not JSON-RPC. */
function parse(line: string) {
  try {
    const value = JSON.parse(line);
    const messages = Array.isArray(value) ? value : [value];
    return messages.every((message) => message?.jsonrpc === "2.0") ? messages : undefined;
  } catch {
    return undefined;
  }
}
