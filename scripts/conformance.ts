/**
 * Runs the official conformance suite against the proxy: `deno task conformance [name …]`.
 *
 * Names are parts of names of client scenarios, or `server` for the server scenarios; without any,
 * everything runs, and `docs/conformance.md` is written anew. Scenarios run with a client and a server
 * of the same era, and of different eras if the suite has such a server. `MCP_PROXY_COMMAND`, a JSON
 * array, names another proxy than this checkout's (the npm package, for one). The suite's results, and
 * what the proxy logged, are kept in `.conformance/`. The last line has the form of `deno test`'s; the
 * exit code is 1 if a required check failed, or passes directly and not through the proxy.
 */

import { fileURLToPath } from "node:url";
import { failures, losses, page, serverTally, tally } from "../tests/conformance/report.ts";
import { type Outcome, runScenario } from "../tests/conformance/run_scenario.ts";
import { type Run, type Scenario, SCENARIOS } from "../tests/conformance/scenarios.ts";
import { compareServerScenarios } from "../tests/conformance/server_scenarios.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const results = `${root}.conformance`;
const everything = Deno.args.length === 0;

const wanted = (scenario: Scenario) =>
  everything || Deno.args.some((part) => scenario.name.includes(part));
const tasks = SCENARIOS.filter(wanted).flatMap((scenario) =>
  scenario.runs.map((run) => ({ scenario, run }))
);
const withServers = everything || Deno.args.includes("server");
if (tasks.length === 0 && !withServers) {
  console.error(`No scenario is named like ${Deno.args.join(", ")}.`);
  Deno.exit(2);
}

function say(problems: readonly string[], name: string): void {
  console.log(`${problems.length ? "failed" : "ok    "} ${name}`);
  for (const problem of problems) console.log(`         ${problem}`);
}

const outcomes = new Map<{ scenario: Scenario; run: Run }, Outcome>();

/** Runs what is in the queue, one after the other. */
async function work(queue: typeof tasks): Promise<void> {
  for (let task = queue.shift(); task; task = queue.shift()) {
    const attempt = () => runScenario(task.scenario, task.run, `${results}/client`);
    let outcome = await attempt();
    // The suite allows a reconnection 500 ms, which a machine that is busy elsewhere may not have.
    if (task.scenario.alone && failures(outcome).length > 0) outcome = await attempt();
    outcomes.set(task, outcome);
    say(failures(outcome), `${task.scenario.name} (${task.run.title})`);
  }
}

const together = tasks.filter(({ scenario }) => !scenario.alone);
const lanes = Math.max(2, Math.min(4, navigator.hardwareConcurrency));
await Promise.all(Array.from({ length: lanes }, () => work(together)));
await work(tasks.filter(({ scenario }) => scenario.alone));

const comparisons = withServers ? await compareServerScenarios(`${results}/server`) : [];
if (withServers) say(losses(comparisons), "server scenarios through the proxy");

const inOrder = tasks.flatMap((task) => outcomes.get(task) ?? []);
if (everything) await writePage(page(inOrder, comparisons));

const client = tally(inOrder);
const server = serverTally(comparisons);
const failed = client.failed + server.lost;
console.log(
  `\n${failed ? "FAILED" : "ok"} | ${client.passed + server.kept} passed | ${failed} failed | ` +
    `${client.browser} need a browser`,
);
Deno.exit(failed > 0 ? 1 : 0);

/** Writes the page as `deno fmt` wants it. */
async function writePage(text: string): Promise<void> {
  const path = `${root}docs/conformance.md`;
  await Deno.writeTextFile(path, text);
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", path], cwd: root }).output();
}
