import { type Line, type Proxy, type ProxyOptions, startProxy } from "./proxy.ts";
import { type Script, type ScriptedServer, startScriptedServer } from "./scripted_server.ts";

/** What a test of the proxy in front of a scripted server gets. */
export interface Scripted {
  readonly proxy: Proxy;
  readonly server: ScriptedServer;
}

/** Settings of {@linkcode withProxy}. */
export interface ScriptedOptions extends ProxyOptions {
  /** The revision to initialize with; `null` starts without a handshake. @default {"2025-11-25"} */
  readonly revision?: string | null;
}

/** Runs a test with a proxy in front of a scripted server, initialized as a client would. */
export async function withProxy(
  script: Script,
  test: (scripted: Scripted) => Promise<void> | void,
  { revision = "2025-11-25", env, ...options }: ScriptedOptions = {},
): Promise<void> {
  await using server = await startScriptedServer(script);
  await using proxy = startProxy({ ...options, env: { ...server.env, ...env } });
  if (revision !== null) await handshake({ proxy, server }, revision);
  await test({ proxy, server });
}

/** Initializes, and waits until the server knows. */
export async function handshake({ proxy, server }: Scripted, revision?: string): Promise<Line> {
  await proxy.send(initialize(revision));
  const answer = await proxy.response("initialize");
  if (!answer.message.result) throw new Error(`not initialized: ${answer.text}\n${proxy.stderr}`);
  await proxy.send({ jsonrpc: "2.0", method: "notifications/initialized" });
  await server.requests.until(({ name }) => name === "notifications/initialized");
  return answer;
}

/** An `initialize` request, its id `"initialize"`. */
export function initialize(protocolVersion = "2025-11-25") {
  const params = {
    protocolVersion,
    capabilities: { elicitation: {}, roots: {}, sampling: {} },
    clientInfo: { name: "test", version: "1.0.0" },
  };
  return { jsonrpc: "2.0", id: "initialize", method: "initialize", params };
}

/** A `tools/call` request. */
export function call(id: number | string, name = "echo", args: unknown = {}) {
  return { jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: args } };
}

/** A result as servers send it. */
export function result(id: unknown, value: unknown = {}) {
  return { jsonrpc: "2.0", id, result: value };
}

/** A notification. */
export function notification(method: string, params: unknown = {}) {
  return { jsonrpc: "2.0", method, params };
}
