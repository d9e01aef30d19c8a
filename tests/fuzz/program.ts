import { residentMegabytes } from "../parts/memory_of.ts";
import { proxyCommand, proxyEnvironment } from "../parts/proxy_command.ts";
import { readLines } from "../parts/read_lines.ts";

/** The credential, and the token that it gets. Neither may come out of the program. */
export const SECRET = "fuzz-secret-8d2c61f0";

/** Megabytes of the JavaScript heap, beyond which the program dies. */
const HEAP = 192;
/** Megabytes that the program may need in all. */
const MEMORY = 640;
/** What only an error of the program itself writes. */
const CRASH =
  /Uncaught|Unhandled|panicked|heap out of memory|\b(?:Type|Range|Reference)Error\b|^\s+at .*:\d+:\d+/;

/** The program under test, running. */
export interface Program {
  readonly stdin: WritableStreamDefaultWriter<Uint8Array>;
  /** Resolves with the exit code when it has ended and all of its output has been read. */
  readonly end: Promise<number>;
  /** What it did that it must not do. */
  readonly faults: string[];
  /** Its log. */
  readonly log: string[];
  kill(): void;
}

/** Starts the program, and watches its log and its memory. */
export function startProgram(
  args: readonly string[],
  env: Record<string, string>,
  onLine: (line: string) => void,
): Program {
  const [command, ...first] = proxyCommand();
  const child = new Deno.Command(command, {
    args: [...first, ...args],
    env: proxyEnvironment({
      DENO_V8_FLAGS: `--max-old-space-size=${HEAP}`,
      NODE_OPTIONS: `--max-old-space-size=${HEAP}`,
      ...env,
    }),
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const faults: string[] = [];
  const log: string[] = [];
  const look = (where: string, line: string) => {
    if (line.includes(SECRET)) faults.push(`a secret on ${where}: ${line.slice(0, 300)}`);
  };
  const watch = setInterval(() => {
    const megabytes = residentMegabytes(child.pid);
    if (megabytes > MEMORY) faults.push(`${megabytes} MB of memory`);
  }, 200);
  const end = Promise.all([
    child.status,
    readLines(child.stdout, (line) => {
      look("stdout", line);
      onLine(line);
    }),
    readLines(child.stderr, (line) => {
      look("stderr", line);
      log.push(line);
      if (CRASH.test(line)) faults.push(`an uncaught error: ${line.slice(0, 300)}`);
    }),
  ]).then(([{ code }]) => code).finally(() => clearInterval(watch));
  return { stdin: child.stdin.getWriter(), end, faults, log, kill: () => child.kill("SIGKILL") };
}
