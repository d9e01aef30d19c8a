import { type Running, runProxy } from "./proxy.ts";
import { currentRuntime } from "./runtime/current.ts";
import type { SettingsOptions } from "./settings/options.ts";
import { readSettings, type Setting, SETTINGS } from "./settings/settings.ts";

/** Options of {@linkcode OAuthProxy}: the settings by their names, and where else they come from. */
export interface OAuthProxyOptions extends SettingsOptions {
  /** URL of the MCP server; version 1's name of `serverUrl`. */
  mcpServerUrl?: string | URL;
  /** Settings by their variables, as texts: `{ MCP_SCOPE: "mcp:tools" }`. */
  settings?: Readonly<Record<string, string>>;
  /**
   * Whether settings that are not in the options are read from the environment (`MCP_CLIENT_ID` and
   * so on).
   *
   * @default {false}
   */
  environment?: boolean;
}

/** Streams that a program uses instead of its standard input, output and error. */
export interface ProxyStreams {
  /** Messages of the client, one per line. The proxy stops when it ends. */
  input: ReadableStream<Uint8Array>;
  /** Messages for the client, one per line. The proxy does not close it. */
  output: WritableStream<Uint8Array>;
  /**
   * Receives the lines of the log.
   *
   * @default standard error
   */
  log?: (line: string) => void;
}

/** A run of the proxy. */
interface Run {
  readonly stopping: AbortController;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
}

/**
 * A proxy in your own program, on Deno and on Node.
 *
 * @example
 * ```ts ignore
 * const proxy = new OAuthProxy({
 *   clientId: "my-client",
 *   clientSecret: "my-secret",
 *   serverUrl: "https://mcp.example.com/mcp",
 * });
 * await proxy.start();
 * ```
 */
export class OAuthProxy {
  readonly #options: OAuthProxyOptions;
  #run?: Run;

  /**
   * Creates a proxy. It reads and sends nothing before {@linkcode OAuthProxy.start}.
   *
   * @param options settings
   */
  constructor(options: OAuthProxyOptions = {}) {
    this.#options = options;
  }

  /**
   * Relays messages until the input ends or {@linkcode OAuthProxy.stop} is called. After that, it
   * can be started again, with other streams.
   *
   * @param streams where messages come from and go to
   * @default standard input and output
   * @throws {SettingsError} if a setting is missing or wrong, with all problems at once
   * @throws {Error} if it is running already
   */
  async start(streams?: ProxyStreams): Promise<void> {
    if (this.#run) throw new Error("The proxy is running already; create another OAuthProxy");
    const stopping = new AbortController();
    const ended = run(this.#options, streams, stopping.signal);
    this.#run = { stopping, ended };
    try {
      await ended;
    } finally {
      this.#run = undefined;
    }
  }

  /**
   * Stops the proxy: cancels requests that are in flight, answers them with an error, and ends the
   * session at the server. Does nothing if it is not running.
   *
   * @returns resolves when the proxy has stopped, within some seconds, whatever the server does
   */
  async stop(): Promise<void> {
    this.#run?.stopping.abort();
    await this.#run?.ended.catch(() => {}); // start() reports it.
  }
}

async function run(
  options: OAuthProxyOptions,
  streams: ProxyStreams | undefined,
  stop: AbortSignal,
): Promise<void> {
  const runtime = await currentRuntime();
  const fromEnvironment = ({ variable }: Setting) =>
    options.environment ? runtime.env(variable) : undefined;
  const settings = await readSettings(
    (setting) => optionOf(options, setting) || fromEnvironment(setting),
    runtime.readTextFile,
    { problems: unknownOptions(options) },
  );
  const onStart = (proxy: Running) => {
    if (stop.aborted) proxy.stop();
    stop.addEventListener("abort", proxy.stop, { once: true });
  };
  if (!streams) return await runProxy(settings, runtime, onStart);
  const writer = streams.output.getWriter();
  const own = {
    stdin: () => streams.input,
    writeStdout: (chunk: Uint8Array) => writer.write(chunk),
    writeStderr: streams.log ?? runtime.writeStderr,
  };
  try {
    await runProxy(settings, { ...runtime, ...own }, onStart);
  } finally {
    writer.releaseLock();
  }
}

const OTHER_OPTIONS = ["mcpServerUrl", "settings", "environment"];

/** A problem for each name in the options that is not a setting. */
function unknownOptions(options: OAuthProxyOptions): string[] {
  const known = [...SETTINGS.map(({ key }) => key), ...OTHER_OPTIONS];
  const variables = SETTINGS.map(({ variable }) => variable);
  return [
    ...Object.keys(options).filter((name) => !known.includes(name))
      .map((name) => `${name}: unknown option; the documentation of the settings lists them`),
    ...Object.keys(options.settings ?? {}).filter((name) => !variables.includes(name))
      .map((name) => `${name}: unknown setting; use the name of a variable, such as MCP_SCOPE`),
  ];
}

/** The text that the options give for a setting. */
function optionOf(options: OAuthProxyOptions, { key, variable }: Setting): string | undefined {
  const values: Readonly<Record<string, unknown>> = {
    ...options,
    serverUrl: options.serverUrl ?? options.mcpServerUrl,
  };
  return textOf(values[key]) ?? options.settings?.[variable];
}

/** A value as a user writes it in a variable. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return Array.isArray(value) ? JSON.stringify(value) : String(value);
}
