import { runProxy } from "./proxy.ts";
import { currentRuntime } from "./runtime/current.ts";
import { readSettings, type Setting, SETTINGS } from "./settings/settings.ts";

/**
 * Options of {@linkcode OAuthProxy}. The first four are version 1's. What is left out is read from
 * the environment variable of that name (`MCP_CLIENT_ID` and so on); an empty string counts as left
 * out.
 */
export interface OAuthProxyOptions {
  /** Client id: `MCP_CLIENT_ID`. */
  clientId?: string;
  /** Client secret: `MCP_CLIENT_SECRET`. */
  clientSecret?: string;
  /** Token endpoint: `MCP_AUTH_SERVER_URL`. */
  authServerUrl?: string;
  /** MCP endpoint: `MCP_SERVER_URL`. */
  mcpServerUrl?: string;
  /** Any further setting, by its variable: `{ MCP_SCOPE: "mcp:tools" }`. */
  settings?: Readonly<Record<string, string>>;
}

/** Streams that a program brings instead of its standard input, output and error. */
export interface ProxyStreams {
  /** Client messages, one a line. Its end shuts the proxy down. */
  input: ReadableStream<Uint8Array>;
  /** Server messages, one a line. Not closed by the proxy. */
  output: WritableStream<Uint8Array>;
  /**
   * Takes the lines of the log.
   *
   * @default standard error
   */
  log?: (line: string) => void;
}

/** A proxy in a program of one's own; it runs on Deno and on Node. */
export class OAuthProxy {
  readonly #options: OAuthProxyOptions;

  /**
   * Creates a proxy; nothing is read or sent before {@linkcode OAuthProxy.start}.
   *
   * @param options settings
   */
  constructor(options: OAuthProxyOptions = {}) {
    this.#options = options;
  }

  /**
   * Relays messages until the client closes its end.
   *
   * @param streams where messages come from and go to; standard input and output if left out
   * @throws {SettingsError} if a setting is missing or wrong, with all problems at once
   */
  async start(streams?: ProxyStreams): Promise<void> {
    const runtime = await currentRuntime();
    const settings = await readSettings(
      (setting) => optionOf(this.#options, setting) || runtime.env(setting.variable),
      runtime.readTextFile,
      { problems: unknownSettings(this.#options) },
    );
    if (!streams) return await runProxy(settings, runtime);
    const writer = streams.output.getWriter();
    try {
      await runProxy(settings, {
        ...runtime,
        stdin: () => streams.input,
        writeStdout: (chunk) => writer.write(chunk),
        writeStderr: streams.log ?? runtime.writeStderr,
      });
    } finally {
      writer.releaseLock();
    }
  }
}

/** What the options name and nothing reads, as a problem each. */
function unknownSettings({ settings = {} }: OAuthProxyOptions): string[] {
  return Object.keys(settings)
    .filter((name) => !SETTINGS.some(({ variable }) => variable === name))
    .map((name) => `${name}: unknown setting; use the name of a variable, such as MCP_SCOPE`);
}

/** The text that the options give for a setting. */
function optionOf(options: OAuthProxyOptions, setting: Setting): string | undefined {
  const named: Record<string, string | undefined> = {
    clientId: options.clientId,
    clientSecret: options.clientSecret,
    authServerUrl: options.authServerUrl,
    serverUrl: options.mcpServerUrl,
  };
  return named[setting.key] ?? options.settings?.[setting.variable];
}
