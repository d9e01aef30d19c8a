/** Measures one contender: its start, and the work it does once started. */
import { type Child, spawn } from "./child.ts";
import type { Contender } from "./contenders.ts";
import { deadline } from "./deadline.ts";
import type { Outcomes } from "./figures.ts";
import { call, initialize, initialized, TOOLS } from "./messages.ts";
import { assertResult } from "./peer.ts";
import { type Plan, work } from "./work.ts";

const START_MS = 20_000;
const WORK_MS = 120_000;

/** Milliseconds from spawning `contender` to its answer to `initialize`, or to its end if it has none. */
export async function measureStart(contender: Contender): Promise<number> {
  const start = performance.now();
  await using child = spawn(contender);
  if (contender.kind === "empty") await deadline(child.ended, START_MS, "end");
  else await begin(child, contender);
  return performance.now() - start;
}

/** Starts `contender` and has it do the work of `plan`. */
export async function measureWork(contender: Contender, plan: Plan): Promise<Outcomes> {
  if (contender.kind === "empty") return {};
  await using child = await started(contender);
  if (contender.kind === "stdio") return await work(child, plan);
  const request = new TextEncoder().encode(JSON.stringify({ id: 1, work: plan }) + "\n");
  const reply = await deadline(child.request(request, 1), WORK_MS, "result");
  return JSON.parse(new TextDecoder().decode(reply.bytes())).result;
}

/** Sends the client's first request, and waits for its answer. */
async function begin(child: Child, { meta }: Contender): Promise<void> {
  const first = meta ? call(0, TOOLS.json, undefined, meta) : initialize(0);
  assertResult(await deadline(child.request(first, 0), START_MS, "first result"));
}

/** A child that has answered `initialize`. */
export async function started(contender: Contender) {
  const child = spawn(contender);
  try {
    await begin(child, contender);
    if (!contender.meta) child.notify(initialized());
    return child;
  } catch (error) {
    await child[Symbol.asyncDispose]();
    throw error;
  }
}
