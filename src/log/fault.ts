import { internalCause, messageOf } from "../errors.ts";
import type { Log } from "./log.ts";

/** Faults that have been logged. One fault may pass several places that handle errors. */
const logged = new WeakSet<Error>();

/**
 * Logs a fault in the program, once, with its stack, so that it can be found.
 *
 * @returns whether the error is such a fault
 */
export function logFault(log: Log, error: unknown): boolean {
  const fault = internalCause(error);
  if (!fault) return false;
  if (logged.has(fault)) return true;
  logged.add(fault);
  log.error("OAuth Proxy", faultText(fault));
  return true;
}

/** A fault in the program, with its stack, in one line. */
export function faultText(fault: Error): string {
  return `Internal error: ${stackOf(fault)}`;
}

/** The stack of whatever was thrown, in one line. */
function stackOf(error: unknown): string {
  const stack = error instanceof Error && error.stack || messageOf(error);
  return stack.split("\n").map((line) => line.trim()).filter((line) => line !== "").join(" | ");
}
