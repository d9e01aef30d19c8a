import { assertEquals } from "@std/assert";
import { main } from "../../src/main.ts";
import { denoRuntime } from "../../src/runtime/deno/runtime.ts";
import type { Runtime } from "../../src/runtime/types.ts";

const ENV: Readonly<Record<string, string>> = {
  MCP_CLIENT_ID: "a",
  MCP_CLIENT_SECRET: "the-secret",
  MCP_SERVER_URL: "http://127.0.0.1/mcp",
  MCP_AUTH_SERVER_URL: "http://127.0.0.1/token",
};

/** The program with an input that stays open; what its signal handlers are, and where it exits. */
function start() {
  const exits: number[] = [];
  const { promise: isRunning, resolve: running } = Promise.withResolvers<void>();
  let onStop = (_exitCode: number): void => {};
  const runtime: Runtime = {
    ...denoRuntime,
    args: [],
    env: (name) => ENV[name],
    envNames: () => Object.keys(ENV),
    mayReadEnv: () => true,
    stdinIsTerminal: () => false,
    stdin() {
      running();
      return new ReadableStream();
    },
    writeStderr: () => {},
    onFault: () => {},
    onStop: (stop) => void (onStop = stop),
    // The real one does not return.
    exit: (code) => void exits.push(code) as never,
  };
  const code = main(runtime);
  return { code, exits, isRunning, signal: (exitCode: number) => onStop(exitCode) };
}

Deno.test("the first signal lets the proxy end its session; its code is that of the signal", async () => {
  const { code, exits, isRunning, signal } = start();
  await isRunning;
  signal(143);
  assertEquals(exits, []);
  assertEquals(await code, 143);
});

Deno.test("a second signal ends the process at once", async () => {
  const { code, exits, isRunning, signal } = start();
  await isRunning;
  signal(143);
  signal(130);
  assertEquals(exits, [130]);
  await code;
});
