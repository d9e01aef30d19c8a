import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import type { RunResult } from "./types.ts";

/** Runs a program on Node. See `Runtime.run`. */
export function run(command: readonly string[], signal?: AbortSignal): Promise<RunResult> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { signal, stdio: ["ignore", "pipe", "ignore"] });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code: code ?? 1, stdout: Buffer.concat(chunks).toString("utf8") });
    });
  });
}
