/** Measures one contender: its start, and the work it does once started. */
import { spawn } from "./child.ts";
import type { Contender } from "./contenders.ts";
import { deadline } from "./deadline.ts";
import type { Outcomes } from "./figures.ts";
import { initialize, initialized } from "./messages.ts";
import { assertResult } from "./peer.ts";
import { type Plan, work } from "./work.ts";

const START_MS = 20_000;
const WORK_MS = 120_000;

/** Milliseconds from spawning `contender` to its answer to `initialize`, or to its end if it has none. */
export async function measureStart(contender: Contender): Promise<number> {
  const start = performance.now();
  await using child = spawn(contender);
  if (contender.kind === "empty") await deadline(child.ended, START_MS, "end");
  else assertResult(await deadline(child.request(initialize(0), 0), START_MS, "initialize result"));
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

/** A child that has answered `initialize`. */
export async function started(contender: Contender) {
  const child = spawn(contender);
  try {
    assertResult(
      await deadline(child.request(initialize(0), 0), START_MS, "initialize result"),
    );
    child.notify(initialized());
    return child;
  } catch (error) {
    await child[Symbol.asyncDispose]();
    throw error;
  }
}
