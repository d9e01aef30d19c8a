import { env, envNames, mayReadEnv } from "./env.ts";
import { denoHttp } from "./http.ts";
import { fileError } from "../file_errors.ts";
import { builtin } from "../node/builtins.ts";
import type { Runtime } from "../types.ts";

/** The machine as Deno gives it. */
export const denoRuntime: Runtime = {
  args: Deno.args,
  program,
  env,
  envNames,
  mayReadEnv,
  stdin: () => Deno.stdin.readable,
  stdinIsTerminal: () => Deno.stdin.isTerminal(),
  hideInput: (hidden) => Deno.stdin.setRaw(hidden),
  writeStdout,
  writeStderr,
  readTextFile,
  run: async (command, options) => (await import("./run.ts")).run(command, options),
  privateFiles: async () => (await import("../private_files.ts")).privateFiles(Deno.build.os, env),
  logFile: async (path) => (await import("../log_file.ts")).openLogFile(path),
  host: async () => (await import("../host.ts")).host(env),
  http: denoHttp,
  onStop,
  onFault,
  exit: Deno.exit,
};

/** The binary, the package on JSR, or this file in a clone. */
function program(): string {
  if (Deno.build.standalone) return shellWord(Deno.execPath());
  const file = new URL("../../../cli.ts", import.meta.url);
  return file.protocol === "file:"
    ? `deno run -A ${shellWord(builtin("node:url").fileURLToPath(file))}`
    : "deno run --no-config -A jsr:@mcp-oauth-proxy/proxy";
}

function shellWord(path: string): string {
  return /^[\w\\/.:@+-]+$/.test(path) ? path : `"${path}"`;
}

async function writeStdout(chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.length;) {
    written += await Deno.stdout.write(chunk.subarray(written));
  }
}

function writeStderr(text: string): void {
  try {
    const chunk = new TextEncoder().encode(text);
    for (let written = 0; written < chunk.length;) {
      written += Deno.stderr.writeSync(chunk.subarray(written));
    }
  } catch {
    // Nobody reads the log.
  }
}

async function readTextFile(path: string): Promise<string> {
  try {
    const { readBoundedText } = await import("../bounded_file.ts");
    return await readBoundedText(async () => (await Deno.open(path)).readable);
  } catch (error) {
    throw fileError(path, "read", error);
  }
}

function onStop(handler: (exitCode: number) => void): void {
  Deno.addSignalListener("SIGINT", () => handler(130));
  if (Deno.build.os === "windows") Deno.addSignalListener("SIGBREAK", () => handler(143));
  else {
    Deno.addSignalListener("SIGTERM", () => handler(143));
    Deno.addSignalListener("SIGHUP", () => handler(129));
  }
}

function onFault(handler: (error: unknown) => void): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    handler(event.reason);
  });
}
