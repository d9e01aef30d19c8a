import { proxyCommand } from "./proxy_command.ts";
import { type CommandResult, runCommand } from "./run_command.ts";

/** Whether {@linkcode runOnTerminal} works here: `script` of util-linux makes the terminal. */
export const HAS_TERMINAL: boolean = Deno.build.os === "linux";

/**
 * Runs the program under test on a terminal.
 *
 * @param env variables, on top of a clean environment
 * @param columns width of the terminal
 * @returns what the terminal shows, stdout and stderr together
 */
export function runOnTerminal(
  args: readonly string[],
  env: Record<string, string> = {},
  columns = 80,
): Promise<CommandResult> {
  const script =
    `printf -v words '%q ' "$@"; script -qec "stty cols ${columns}; $words" /dev/null </dev/null`;
  return runCommand(args, { command: ["bash", "-c", script, "-", ...proxyCommand()], env });
}
