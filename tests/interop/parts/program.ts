/** A port on 127.0.0.1 that is free now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/**
 * Starts a server program, and waits until it accepts connections. Disposing of it ends it.
 *
 * @param command the program and its arguments
 * @param port where it will listen on 127.0.0.1
 * @param env variables, in addition to this process's
 */
export async function startProgram(
  [program, ...args]: readonly string[],
  port: number,
  env: Record<string, string>,
): Promise<AsyncDisposable> {
  const child = new Deno.Command(program, {
    args,
    env: { ...env, NO_PROXY: "127.0.0.1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let ended = false;
  const log = new Response(child.stderr).text();
  const status = child.status.finally(() => ended = true);
  const stop = async () => {
    if (!ended) child.kill("SIGKILL");
    await status;
    await log;
  };
  const deadline = Date.now() + 60_000;
  while (!await accepts(port)) {
    if (ended || Date.now() > deadline) {
      await stop();
      throw new Error(`${program} did not start:\n${await log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { [Symbol.asyncDispose]: stop };
}

async function accepts(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}
