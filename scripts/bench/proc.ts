/** What Linux tells of a process and its children (proc(5)); elsewhere every figure is missing. */
import { readFileSync } from "node:fs";

/** Clock ticks of utime and stime a second; 100 on every Linux of today. */
const TICKS = 100;

/** Megabytes resident now, over the process tree of `pid`. */
export const residentMB = (pid: number): number => statusMB(pid, "VmRSS");

/** Megabytes resident at most so far, over the process tree of `pid`. */
export const peakMB = (pid: number): number => statusMB(pid, "VmHWM");

/** Seconds of CPU, user and system, that the process tree of `pid` used so far. */
export function cpuSeconds(pid: number): number {
  return sum(pid, (one) => {
    // The command in parentheses may contain anything; the numbers follow the last one.
    const fields = read(`/proc/${one}/stat`).replace(/^.*\) /s, "").split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  });
}

/** `pid` and all below it. */
export function processTree(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean);
  return [pid, ...children.flatMap((child) => processTree(Number(child)))];
}

function statusMB(pid: number, field: string): number {
  return sum(pid, (one) => {
    const kB = new RegExp(`^${field}:\\s*(\\d+) kB`, "m").exec(read(`/proc/${one}/status`))?.[1];
    return Number(kB) * 1024 / 1e6;
  });
}

function sum(pid: number, figure: (pid: number) => number): number {
  const total = processTree(pid).reduce((all, one) => all + figure(one), 0);
  if (Number.isNaN(total)) throw new Error(`process ${pid} is not in /proc`);
  return total;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
