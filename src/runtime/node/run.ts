import { spawn } from "node:child_process";
import process from "node:process";
import type { RunOptions, RunResult } from "../types.ts";

/** Runs a program on Node. See `Runtime.run`. */
export function run(
  command: readonly string[],
  { limit, signal, hidden = [] }: RunOptions,
): Promise<RunResult> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...process.env, ...Object.fromEntries(hidden.map((name) => [name, ""])) },
      signal,
      killSignal: "SIGKILL",
      stdio: ["ignore", "pipe", "ignore"],
    });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      if (stdout.length > limit) end();
    });
    child.on("error", (error) => {
      end();
      reject(error);
    });
    child.on("close", (code) => resolve({ code: code ?? 1, stdout }));

    // What the program has started may hold its output open for longer than it lives itself.
    function end(): void {
      child.kill("SIGKILL");
      child.stdout.destroy();
    }
  });
}
