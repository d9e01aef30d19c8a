/** A port on 127.0.0.1 that is free now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Settings of {@linkcode startProgram}. */
export interface ProgramOptions {
  /** Variables, in addition to this process's. */
  readonly env?: Record<string, string>;
  /** Seconds that it may take to start, on a busy machine. @default {60} */
  readonly patience?: number;
  /** What ends it. A script that starts the program itself passes on only SIGTERM. @default {"SIGKILL"} */
  readonly signal?: "SIGKILL" | "SIGTERM";
}

/**
 * Starts a server program, and waits until it accepts connections. Disposing of it ends it.
 *
 * @param command the program and its arguments
 * @param port where it will listen on 127.0.0.1
 */
export async function startProgram(
  [program, ...args]: readonly string[],
  port: number,
  { env, patience = 60, signal = "SIGKILL" }: ProgramOptions = {},
): Promise<AsyncDisposable> {
  const child = new Deno.Command(program, {
    args,
    env: { ...env, NO_PROXY: "127.0.0.1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let ended = false;
  const log = Promise.all(
    [child.stdout, child.stderr].map((stream) => new Response(stream).text()),
  );
  const status = child.status.finally(() => ended = true);
  const stop = async () => {
    if (!ended) child.kill(signal);
    await status;
    await log;
  };
  const deadline = Date.now() + patience * 1000;
  while (!await accepts(port)) {
    if (ended || Date.now() > deadline) {
      await stop();
      throw new Error(`${program} did not start:\n${(await log).join("\n")}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { [Symbol.asyncDispose]: stop };
}

/** Options for programs in Java: they start sooner on few cores, and Java 17 reads UTF-8. */
export const JAVA = ["-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8"];

async function accepts(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}
