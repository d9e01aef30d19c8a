import { builtin } from "./builtins.ts";
import { nodeHttp } from "./http.ts";
import { fileError } from "../file_errors.ts";
import type { Runtime } from "../types.ts";

const fs = builtin("node:fs");
const process = builtin("node:process");

/** The machine as Node gives it. */
export const nodeRuntime: Runtime = {
  get args() {
    return process.argv.slice(2);
  },
  // npm sets this variable for programs that `npx` starts.
  program: () =>
    process.env.npm_command === "exec" ? "npx -y mcp-oauth-proxy@2" : "mcp-oauth-proxy",
  env: (name) => process.env[name],
  envNames: () => Object.keys(process.env),
  mayReadEnv: () => true,
  stdin: () => process.stdin,
  stdinIsTerminal: () => process.stdin.isTTY === true,
  hideInput: (hidden) => void process.stdin.setRawMode(hidden),
  writeStdout,
  writeStderr,
  readTextFile,
  run: async (command, options) => (await import("./run.ts")).run(command, options),
  privateFiles: async () =>
    (await import("../private_files.ts")).privateFiles(
      process.platform,
      (name) => process.env[name],
    ),
  logFile: async (path) => (await import("../log_file.ts")).openLogFile(path),
  host: async () => (await import("../host.ts")).host((name) => process.env[name]),
  http: nodeHttp,
  onStop,
  onFault,
  exit: (code) => process.exit(code),
};

function writeStdout(chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    // The stream also reports a closed reader as an event, which ends the process if nobody listens.
    if (process.stdout.listenerCount("error") === 0) process.stdout.on("error", () => {});
    process.stdout.write(chunk, (error) => error ? reject(error) : resolve());
  });
}

/** Synchronous, so that the last words before an exit are not lost. */
function writeStderr(text: string): void {
  try {
    fs.writeSync(2, text);
  } catch {
    // Nobody reads the log, or its reader is too slow.
  }
}

async function readTextFile(path: string): Promise<string> {
  try {
    const { readBoundedText } = await import("../bounded_file.ts");
    return await readBoundedText(() => Promise.resolve(fs.createReadStream(path)));
  } catch (error) {
    throw fileError(path, "read", error);
  }
}

function onStop(handler: (exitCode: number) => void): void {
  process.on("SIGINT", () => handler(130));
  process.on("SIGTERM", () => handler(143));
  process.on("SIGHUP", () => handler(129));
}

function onFault(handler: (error: unknown) => void): void {
  process.on("unhandledRejection", handler);
  process.on("uncaughtException", handler);
}
