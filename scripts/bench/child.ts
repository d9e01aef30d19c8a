/** A contender as a process: spawned, talked to over its real stdin and stdout, and ended. */
import { batchWriter } from "./bytes.ts";
import type { Contender } from "./contenders.ts";
import { eachLine, type Line } from "./lines.ts";
import type { Peer } from "./peer.ts";
import { processTree } from "./proc.ts";
import { reason } from "./reason.ts";

/** A running contender. Disposing of it kills it and what it started, and removes its folder. */
export interface Child extends Peer, AsyncDisposable {
  /** Sends a message that has no reply. */
  notify(message: Uint8Array): void;
  /** How it ended; resolves when it has. */
  ended: Promise<Deno.CommandStatus>;
  /** The last lines it wrote to stderr. */
  stderr(): string;
}

/** What a contender needs from the machine: no proxies, no settings of the user. */
const PASSED_ON = ["PATH", "HOME", "DENO_DIR", "XDG_CACHE_HOME", "TMPDIR"];

/** Starts `contender`. */
export function spawn(contender: Contender): Child {
  const scratch = Deno.makeTempDirSync({ prefix: "bench-" });
  const [program, ...args] = contender.command;
  const inherited = PASSED_ON.map((name) => [name, Deno.env.get(name)]).filter(([, value]) =>
    value
  );
  const process = new Deno.Command(program, {
    args,
    cwd: contender.cwd,
    clearEnv: true,
    env: { ...Object.fromEntries(inherited), NO_COLOR: "1", ...contender.env?.(scratch) },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();

  const waiting = new Map<number, { resolve(line: Line): void; reject(why: Error): void }>();
  let onNotification = () => {};
  let errors = "";

  const output = eachLine(process.stdout, (line) => {
    if (line.id === undefined) {
      if (line.head.includes('"notifications/progress"')) onNotification();
      return;
    }
    waiting.get(line.id)?.resolve(line);
    waiting.delete(line.id);
  });
  const log = process.stderr.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({ write: (text) => void (errors = (errors + text).slice(-2000)) }),
  );
  const ended = Promise.all([process.status, output, log.catch(() => {})]).then(([status]) => {
    for (const { reject } of waiting.values()) {
      reject(new Error(`ended with ${status.signal ?? status.code} ${reason(errors)}`.trim()));
    }
    return status;
  });

  const write = batchWriter(process.stdin);
  return {
    pid: process.pid,
    meta: contender.meta,
    ended,
    stderr: () => errors,
    notify: write,
    request(message, id) {
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        write(message);
      });
    },
    notification: () => new Promise((resolve) => onNotification = resolve),
    async [Symbol.asyncDispose]() {
      for (const pid of processTree(process.pid).reverse()) kill(pid);
      await ended.catch(() => {});
      await Deno.remove(scratch, { recursive: true }).catch(() => {});
    },
  };
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}
