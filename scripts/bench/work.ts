/** The work that is timed. It runs in the bench, or in the fetch loop itself: web APIs and /proc only. */
import { Buffer } from "node:buffer";
import { deadline, pause } from "./deadline.ts";
import type { FigureKey, Outcome, Outcomes } from "./figures.ts";
import { call, payload, TOOLS } from "./messages.ts";
import { assertResult, type Peer } from "./peer.ts";
import { cpuSeconds, peakMB, residentMB } from "./proc.ts";
import { quantile } from "./stats.ts";

/** How much of it. */
export interface Plan {
  /** Milliseconds of quiet before idle memory is read. */
  settle: number;
  /** Streams whose first notification is awaited. */
  streams: number;
  /** Calls one at a time. */
  calls: number;
  /** Calls with 64 in flight. */
  parallelCalls: number;
  /** Large messages of each size; 0 leaves that size out. */
  echo8: number;
  echo32: number;
}

/** Bounds every single figure. */
const LIMIT_MS = 30_000;
const MB = 1e6;

/** Does the work with `peer`, which has been initialised, and returns the figures. */
export async function work(peer: Peer, plan: Plan): Promise<Outcomes> {
  const outcomes: Outcomes = {};
  const take = async (key: FigureKey, measure: () => number | Promise<number>) => {
    outcomes[key] = await attempt(measure);
  };
  await take("idle", () => pause(plan.settle).then(() => residentMB(peer.pid)));
  await take("firstNotification", () => firstNotification(peer, plan.streams));
  await attempt(() => parallel(peer, TOOLS.json, 500, 4)); // until the compilers are done
  let times: number[] = [];
  await take("cpu", async () => {
    const before = cpuSeconds(peer.pid);
    times = await oneByOne(peer, plan.calls);
    return (cpuSeconds(peer.pid) - before) / plan.calls * 10_000;
  });
  outcomes.p50 = times.length > 0 ? quantile(times, 0.5) : outcomes.cpu;
  outcomes.p99 = times.length > 0 ? quantile(times, 0.99) : outcomes.cpu;
  await take("json64", () => parallel(peer, TOOLS.json, plan.parallelCalls, 64));
  await take("sse64", () => parallel(peer, TOOLS.sse, plan.parallelCalls, 64));
  await take("peakCalls", () => peakMB(peer.pid));
  if (plan.echo8 > 0) {
    await take("echo8", () => echo(peer, 8 * MB, plan.echo8));
    await take("peak8", () => peakMB(peer.pid));
  }
  if (plan.echo32 > 0) {
    await take("echo32", () => echo(peer, 32 * MB, plan.echo32));
    await take("peak32", () => peakMB(peer.pid));
  }
  return outcomes;
}

/** What `measure` gives, or why it failed. */
export async function attempt<T>(
  measure: () => T | Promise<T>,
): Promise<T | Exclude<Outcome, number>> {
  try {
    return await deadline(Promise.resolve(measure()), LIMIT_MS, "answer");
  } catch (error) {
    return { missing: (error as Error).message };
  }
}

let lastId = 0;

async function one(peer: Peer, tool: string, text?: string) {
  const id = ++lastId;
  const reply = await peer.request(call(id, tool, text, peer.meta), id);
  assertResult(reply);
  return reply;
}

/** Median milliseconds from a call to its first notification; its response comes much later. */
async function firstNotification(peer: Peer, streams: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < streams; i++) {
    const start = performance.now();
    const notified = peer.notification().then(() => void times.push(performance.now() - start));
    await one(peer, TOOLS.stream);
    await deadline(notified, 200, "notification");
  }
  return quantile(times, 0.5);
}

/** Milliseconds of each of `calls` calls. */
async function oneByOne(peer: Peer, calls: number): Promise<number[]> {
  const times = [];
  for (let i = 0; i < calls; i++) {
    const start = performance.now();
    await one(peer, TOOLS.json);
    times.push(performance.now() - start);
  }
  return times;
}

/** Calls a second with `inFlight` of them out at any moment. */
export async function parallel(
  peer: Peer,
  tool: string,
  calls: number,
  inFlight: number,
): Promise<number> {
  await one(peer, tool); // who cannot do it at all fails here, once
  let left = calls;
  const lane = async () => {
    while (left-- > 0) await one(peer, tool);
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: inFlight }, lane));
  return calls / (performance.now() - start) * 1000;
}

/** Median milliseconds that a message of `bytes` bytes takes there and back; checks what comes back. */
export async function echo(peer: Peer, bytes: number, times: number): Promise<number> {
  const text = payload(bytes);
  const expected = new TextEncoder().encode(JSON.stringify(text));
  const samples = [];
  for (let i = 0; i < times; i++) {
    const id = ++lastId;
    const message = call(id, TOOLS.json, text, peer.meta);
    const start = performance.now();
    const reply = await peer.request(message, id);
    samples.push(performance.now() - start);
    assertResult(reply);
    if (!contains(reply.bytes(), expected)) throw new Error("the payload came back changed");
  }
  return quantile(samples, 0.5);
}

/** Whether `bytes` holds `part`. */
function contains(bytes: Uint8Array, part: Uint8Array): boolean {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const start = all.indexOf(part.subarray(0, 8));
  return start >= 0 && all.subarray(start, start + part.length).equals(part);
}
