/**
 * `deno task bench [--quick] [--json FILE] [--only NAME,…] [--fresh]`
 *
 * Measures whole processes over real stdio against one loopback server, side by side and interleaved,
 * and prints the tables. `--quick` takes less than a minute, compares with v1 only, and exits with 1
 * where we fall behind a target by more than the margin. `--fresh` installs the contenders again.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "@std/cli";
import { installNode } from "../npm/nodes.ts";
import { type Contender, contenders, type Name, NODE } from "./contenders.ts";
import { footprint } from "./footprint.ts";
import { measureGrowth } from "./growth.ts";
import { root } from "./install.ts";
import { machine } from "./machine.ts";
import { measureStart, measureWork } from "./measures.ts";
import { full, quick } from "./plans.ts";
import { report, type Run } from "./report.ts";
import { interleave, Samples } from "./rounds.ts";
import { verdicts } from "./targets.ts";
import { startUpstream } from "./upstream.ts";
import { attempt } from "./work.ts";

const args = parseArgs(Deno.args, {
  boolean: ["quick", "fresh"],
  string: ["json", "only"],
});
const plan = args.quick ? quick : full;
const names = plan.contenders.filter((name) => !args.only || args.only.split(",").includes(name));

const began = performance.now();
const say = (text: string) =>
  console.error(`[${((performance.now() - began) / 1000).toFixed(0).padStart(3)} s] ${text}`);

const here = await machine();
say("preparing the contenders");
await using upstream = await startUpstream((await installNode(NODE)).path);
const all = await contenders(names as Name[], upstream, args.fresh);
const present = all.filter((one): one is Contender => "command" in one);
const samples = new Samples();

for (const one of present.filter(({ folder }) => folder)) {
  samples.add(one.name, await footprint(one.folder!));
}
// Once for nothing: files, compile caches.
await interleave(present, 1, async (one) => void await attempt(() => measureStart(one)));

say(`start: ${plan.starts} rounds`);
await interleave(present, plan.starts, async (one) => {
  samples.add(one.name, { start: await attempt(() => measureStart(one)) });
});
say(`work: ${plan.rounds} rounds`);
await interleave(present, plan.rounds, async (one) => {
  const outcomes = await measureWork(one, plan.work).catch((error) => ({
    p50: { missing: (error as Error).message },
  }));
  samples.add(one.name, outcomes);
});
const run: Run = {
  machine: here,
  contenders: all,
  results: new Map(all.map(({ name }) => [name, samples.results(name)])),
  growth: [],
  verdicts: [],
};
for (const one of present.filter(({ name }) => plan.grown.includes(name as Name))) {
  say(`growth: ${one.name}`);
  await measureGrowth(one, plan.growth).then((growth) => run.growth.push(growth), (error) => {
    say(`growth: ${one.name}: ${(error as Error).message}`);
  });
}
run.verdicts = verdicts(run.results);
say("done");

console.log(report(run));
await Deno.writeTextFile(
  args.json ?? fileURLToPath(new URL("bench-results.json", root)),
  JSON.stringify({ ...run, results: Object.fromEntries(run.results) }, null, 2) + "\n",
);
if (args.quick && run.verdicts.some(({ tolerated }) => !tolerated)) Deno.exitCode = 1;
