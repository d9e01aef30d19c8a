import type { RunOptions, RunResult } from "../types.ts";

/** Runs a program on Deno. See `Runtime.run`. */
export async function run(
  command: readonly string[],
  { limit, signal, hidden = [] }: RunOptions,
): Promise<RunResult> {
  const [program, ...args] = command;
  const child = new Deno.Command(program, {
    args,
    // To leave variables out, all others would have to be read, which takes a permission.
    env: Object.fromEntries(hidden.map((name) => [name, ""])),
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();

  // What the program has started may hold its output open for longer than it lives itself.
  function end(): void {
    reader.cancel().catch(() => {});
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }

  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  const decoder = new TextDecoder();
  let stdout = "";
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    stdout += decoder.decode(next.value, { stream: true });
    if (stdout.length > limit) end();
  }
  const { code } = await child.status;
  signal.removeEventListener("abort", end);
  return { code, stdout };
}
