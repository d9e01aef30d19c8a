/**
 * Random and mutated input for the program from both sides, all on loopback:
 * `deno task fuzz [--seconds N] [--seed N] [--round N] [--kind NAME]`. Lines of the client, SSE bytes, JSON
 * answers, HTTP, challenges, metadata and token answers.
 *
 * Each round starts the program against a server of its own. It must not hang, write a stack trace,
 * show a secret or fill the memory, and each request must get exactly one answer. `--round` repeats
 * one round of a seed, `--kind` runs only rounds of one kind. `MCP_PROXY_COMMAND` names the program under test, the sources by default.
 */

import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { parseArgs } from "@std/cli/parse-args";
import { type Outcome, runRound } from "../tests/fuzz/rounds.ts";
import { proxyCommand } from "../tests/parts/proxy_command.ts";

/** Rounds at the same time. */
const LANES = 2;

const options = parseArgs(Deno.args, { string: ["seed", "seconds", "round", "kind"] });
const seed = Number(options.seed ?? Date.now() % 1e9);
const seconds = Number(options.seconds ?? 60);
const { kind } = options;
const only = options.round === undefined ? undefined : Number(options.round);

console.log(`Fuzzing ${proxyCommand().join(" ")}`);
console.log(only === undefined ? `${seconds} s, --seed ${seed}` : `--seed ${seed} --round ${only}`);

const nowhere = createServer((socket: Socket) => socket.on("error", () => {}).destroy());
await new Promise<void>((resolve) => nowhere.listen(0, "127.0.0.1", resolve));
const proxy = `http://127.0.0.1:${(nowhere.address() as AddressInfo).port}`;

const again = kind === undefined ? "" : ` --kind "${kind}"`;
const start = performance.now();
const rounds = new Map<string, number>();
const given = new Map<string, number>();
let lines = 0;
let next = 0;
let faults = 0;

if (only !== undefined) note(only, await runRound(seed, only, proxy, kind));
else await Promise.all(Array.from({ length: LANES }, runUntilTime));

report();
Deno.exit(faults > 0 ? 1 : 0);

async function runUntilTime(): Promise<void> {
  while (performance.now() - start < seconds * 1_000) {
    const number = next++;
    note(number, await runRound(seed, number, proxy, kind));
  }
}

function note(number: number, outcome: Outcome): void {
  lines += outcome.lines;
  rounds.set(outcome.name, (rounds.get(outcome.name) ?? 0) + 1);
  for (const [name, times] of outcome.given) given.set(name, (given.get(name) ?? 0) + times);
  if (outcome.faults.length === 0) return;
  faults += outcome.faults.length;
  console.log(
    `\nRound ${number} (${outcome.name}): to repeat it, --seed ${seed} --round ${number}${again}`,
  );
  for (const fault of new Set(outcome.faults.slice(0, 10))) console.log(`FAULT  ${fault}`);
  console.log(`The last lines of its log:\n${outcome.log.slice(-8).join("\n").slice(0, 4_000)}`);
}

function report(): void {
  console.log(`\nRounds:\n${list(rounds)}\n\nAnswers of the server:\n${list(given)}`);
  const took = Math.round((performance.now() - start) / 1_000);
  console.log(`\n${lines} lines and commands, ${faults} faults in ${took} s`);
}

function list(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].sort(([, one], [, other]) => other - one);
  return sorted.map(([name, count]) => `  ${String(count).padStart(7)}  ${name}`).join("\n");
}
