import { proxyCommand, proxyEnvironment } from "./proxy_command.ts";

/** What a command left behind. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Settings of {@linkcode runCommand}. */
export interface RunCommandOptions {
  /** Variables, on top of a clean environment. */
  readonly env?: Record<string, string>;
  /** Working directory. */
  readonly cwd?: string;
  /** The program. @default {proxyCommand()} */
  readonly command?: readonly string[];
  /** Milliseconds that it may take. @default {120000} */
  readonly timeoutMs?: number;
}

/** Runs the program under test to its end, with nothing on stdin. */
export async function runCommand(
  args: readonly string[],
  { env, cwd, command = proxyCommand(), timeoutMs = 120_000 }: RunCommandOptions = {},
): Promise<CommandResult> {
  const [program, ...programArgs] = command;
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  try {
    const { code, stdout, stderr } = await new Deno.Command(program, {
      args: [...programArgs, ...args],
      env: proxyEnvironment(env),
      clearEnv: true,
      cwd,
      stdin: "null",
      signal: timeout.signal,
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return { code, stdout: out, stderr: err };
  } finally {
    clearTimeout(timer);
  }
}

/** Runs a test in a folder of its own, which is removed afterwards. */
export async function withFolder<T>(test: (folder: string) => Promise<T> | T): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "mcp-oauth-proxy-" });
  try {
    return await test(await Deno.realPath(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
