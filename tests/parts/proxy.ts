import { proxyCommand, proxyEnvironment } from "./proxy_command.ts";
import { Mailbox } from "./mailbox.ts";
import { readLines } from "./read_lines.ts";

export { proxyCommand, proxyEnvironment };

/** One line of the proxy's stdout. */
export interface Line {
  /** The line as it was written, without its line feed. */
  readonly text: string;
  /** The line as JSON; undefined where it is none, which no line should be. */
  // deno-lint-ignore no-explicit-any -- tests assert on what they expect to be there
  readonly message: any;
}

/** Settings of {@linkcode startProxy}. */
export interface ProxyOptions {
  /** Variables of the proxy, on top of a clean environment. */
  readonly env?: Record<string, string>;
  /** Command-line arguments. @default {[]} */
  readonly args?: readonly string[];
  /** The program. @default {proxyCommand()} */
  readonly command?: readonly string[];
  /** Working directory. @default the one of the tests */
  readonly cwd?: string;
  /**
   * Milliseconds that the proxy may live. Then it is killed, and whatever is waited for fails with what
   * it logged. @default {120000}
   */
  readonly timeoutMs?: number;
}

/** A running proxy, seen as an MCP client sees it. */
export interface Proxy extends AsyncDisposable {
  readonly pid: number;
  /** How it ended, once it has. */
  readonly status: Promise<Deno.CommandStatus>;
  /** Everything on stderr so far. */
  readonly stderr: string;
  /** Every line on stdout so far, taken or not. */
  readonly lines: readonly Line[];
  /** Writes a line: text as it is, anything else as JSON. Resolves when the proxy took it. */
  send(message: unknown): Promise<void>;
  /** Writes bytes as they are, for what is no line. */
  sendBytes(bytes: Uint8Array): Promise<void>;
  /**
   * Takes the first line that matches and that nobody took before; the others stay for later. Rejects
   * with the log where stdout ends or time is up without it.
   *
   * @param matches which line; the next one whatever it is where left out
   */
  next(matches?: (line: Line) => boolean): Promise<Line>;
  /** Takes the response to a request. */
  response(id: number | string | null): Promise<Line>;
  /** Resolves with the first line on stderr that matches, at once where it is there already. */
  logged(pattern: RegExp | string): Promise<string>;
  /** Ends stdin, the way a client asks a server to go. */
  closeStdin(): Promise<void>;
  /** Sends a signal. @default {"SIGKILL"} */
  kill(signal?: Deno.Signal): void;
}

/**
 * Starts the program under test with pipes on its stdio, for tests that look at exact lines.
 * Disposing of it kills it, if it still runs, and waits until it is gone.
 */
export function startProxy(
  { env, args = [], command = proxyCommand(), cwd, timeoutMs = 120_000 }: ProxyOptions = {},
): Proxy {
  const [program, ...programArgs] = command;
  const child = new Deno.Command(program, {
    args: [...programArgs, ...args],
    env: proxyEnvironment(env),
    clearEnv: true,
    cwd,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdin = child.stdin.getWriter();
  const lines: Line[] = [];
  const log: string[] = [];
  const stdout = new Mailbox<Line>();
  const stderr = new Mailbox<string>();
  const logText = () => log.map((line) => `${line}\n`).join("");
  const why = (what: string) => new Error(`${what}. The proxy logged:\n${logText()}`);

  let ended = false;
  const kill = (signal: Deno.Signal = "SIGKILL") => {
    if (!ended) child.kill(signal);
  };
  const timer = setTimeout(() => {
    const error = why(`Not done within ${timeoutMs} ms`);
    stdout.close(error);
    stderr.close(error);
    kill();
  }, timeoutMs);

  const drained = Promise.all([
    readLines(child.stdout, (text) => {
      const line = { text, message: parse(text) };
      lines.push(line);
      stdout.put(line);
    }),
    readLines(child.stderr, (line) => {
      log.push(line);
      stderr.put(line);
    }),
  ]);
  const status = child.status.then(async (status) => {
    ended = true;
    clearTimeout(timer);
    await drained;
    const how = status.signal ?? `code ${status.code}`;
    stdout.close(why(`The proxy ended with ${how}`));
    stderr.close(why(`The proxy ended with ${how}`));
    return status;
  });

  const next = (matches: (line: Line) => boolean = () => true) => stdout.take(matches);
  const sendBytes = (bytes: Uint8Array) => stdin.write(bytes);
  const closeStdin = async () => {
    // A proxy that has gone has closed its end already.
    await stdin.close().catch(() => {});
  };
  return {
    pid: child.pid,
    status,
    lines,
    get stderr() {
      return logText();
    },
    send(message) {
      const text = typeof message === "string" ? message : JSON.stringify(message);
      return sendBytes(new TextEncoder().encode(`${text}\n`));
    },
    sendBytes,
    next,
    response: (id) => next(({ message }) => isResponse(message) && message.id === id),
    logged: (pattern) => stderr.find((line) => line.search(pattern) >= 0),
    closeStdin,
    kill,
    async [Symbol.asyncDispose]() {
      kill();
      await closeStdin();
      await status;
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isResponse(message: unknown): message is { id: unknown } {
  return typeof message === "object" && message !== null &&
    ("result" in message || "error" in message);
}
