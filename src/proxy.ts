import type { OnAuthEvent } from "./auth/events.ts";
import { authorizationFrom } from "./auth/from_settings.ts";
import { messageOf, type ProxyError, rethrowFault } from "./errors.ts";
import { logFault } from "./log/fault.ts";
import type { Era } from "./mcp/revisions.ts";
import { createJournal } from "./log/journal.ts";
import { createLog } from "./log/log.ts";
import { stderrAndFile } from "./log/log_file.ts";
import { createRedaction, type Redaction } from "./log/redaction.ts";
import { longLineReply } from "./relay/long_line.ts";
import { relay } from "./relay/relay.ts";
import type { HttpClient, HttpOptions, Runtime } from "./runtime/types.ts";
import { namedValues, type Settings, SettingsError } from "./settings/settings.ts";
import type { LongLine } from "./stdio/line_cutter.ts";
import { readTexts } from "./stdio/texts.ts";
import { createLineWriter } from "./stdio/writer.ts";
import type { Text } from "./json/text.ts";
import { authorizedHttp } from "./upstream/authorized_http.ts";
import { withCookies } from "./http/cookies.ts";
import { mcpServer } from "./bridge/route.ts";
import { toolFilter } from "./bridge/tool_filter.ts";

/** The part of the runtime that the proxy needs. The streams may be those of a program. */
export type ProxyRuntime = Pick<
  Runtime,
  | "stdin"
  | "writeStdout"
  | "writeStderr"
  | "http"
  | "readTextFile"
  | "run"
  | "privateFiles"
  | "logFile"
>;

/** Controls a running proxy. */
export interface Running {
  /** Cancels what is in flight, ends the session, and lets `runProxy` resolve, within a second. */
  stop(): void;
  /** Writes the last log line, for an end that does not wait for `runProxy`. */
  sumUp(): void;
  /** Logs an error that nothing caught. */
  fault(error: unknown): void;
}

/** What a program in the same process can know of a proxy. Texts in events are not redacted. */
export interface ProxyEvents {
  /** Remembers the secrets of the proxy. @default one of its own */
  readonly redaction?: Redaction;
  /** Takes the events of authorization. */
  readonly onAuthEvent?: OnAuthEvent;
  /** Takes each error of the proxy that answers a request. */
  readonly onFailure?: (error: ProxyError) => void;
  /** Called when it is known, or has changed, which eras client and server speak. */
  readonly onRoute?: (client: Era, server: Era) => void;
  /** Takes the name of each tool that the tool filter removes from a list. */
  readonly onToolHidden?: (name: string) => void;
}

/**
 * Builds the proxy from its settings and runs it until the client closes stdin.
 *
 * @param settings checked settings
 * @param runtime streams and HTTP
 * @param onStart is given the proxy before anything else happens
 * @param events take what happens, apart from the log
 */
export async function runProxy(
  settings: Settings,
  runtime: ProxyRuntime,
  onStart: (proxy: Running) => void = () => {},
  events: ProxyEvents = {},
): Promise<void> {
  const { redaction = createRedaction(namedValues(settings)) } = events;
  const { logLevel: level, logFormat: format, logFile } = settings;
  const writeLog = await stderrAndFile(logFile, format, runtime).catch((error) => {
    rethrowFault(error);
    throw new SettingsError([`MCP_LOG_FILE: ${messageOf(error)}`], [], error);
  });
  const log = createLog({ level, format, redaction }, writeLog);
  const journal = createJournal(log);
  const stopping = new AbortController();
  onStart({
    stop: () => stopping.abort(),
    sumUp: journal.sum,
    fault(error) {
      if (!logFault(log, error)) log.error("OAuth Proxy", `Fault: ${messageOf(error)}`);
    },
  });
  const connections = (options: HttpOptions) => journal.watch(createHttp(runtime, options));
  const { ca, clientCert: cert, clientKey: key, connectTimeout } = settings;
  const serverUrl = settings.serverUrl.href;
  const http = withCookies(connections({ ca, cert, key, connectTimeout }), serverUrl);
  const onAuthEvent: OnAuthEvent = (event) => {
    if (event.type === "token_received") journal.countToken();
    events.onAuthEvent?.(event);
  };
  const authorization = authorizationFrom(settings, {
    machine: runtime,
    http,
    plainHttp: cert === undefined ? http : connections({ ca, connectTimeout }),
    log,
    redaction,
    onEvent: onAuthEvent,
  });
  log.info("OAuth Proxy", "Initialized with:", {
    "Client ID": settings.clientId,
    "Client Secret length": settings.clientSecret?.length,
    "Auth Server": authServer(settings),
    "MCP Server": serverUrl,
  });
  for (const warning of settings.warnings) log.warn("OAuth Proxy", warning);

  const { maxMessageBytes, maxInFlight, protocol } = settings;
  const server = mcpServer(serverUrl, log, {
    http: authorizedHttp(http, authorization, onAuthEvent),
    headers: settings.headers,
    maxMessage: maxMessageBytes,
    protocol,
    maxInFlight,
    idleTimeout: settings.idleTimeout,
    keepAlive: settings.keepAlive,
    onRoute: events.onRoute,
  });
  const { toolsAllow: allow = [], toolsDeny: deny = [] } = settings;
  const upstream = toolFilter(server, { allow, deny }, log, events.onToolHidden);
  log.info("OAuth Proxy", "Starting STDIO proxy...");
  const output = createLineWriter(runtime.writeStdout);
  await relay({
    lines: await readInput(runtime.stdin(), maxMessageBytes, (line) => {
      const reply = longLineReply(line, maxMessageBytes);
      if (reply) output.write(reply);
      else log.warn("OAuth Proxy", `Message with more than ${maxMessageBytes} bytes dropped`);
    }),
    output,
    upstream,
    maxInFlight,
    requestTimeout: settings.requestTimeout,
    redact: redaction.redactMessage,
    onFailure: events.onFailure,
    log,
    journal,
    stop: stopping.signal,
  });
  journal.sum();
}

/** The lines of the input; a web stream is read with web streams. */
async function readInput(
  input: ReturnType<ProxyRuntime["stdin"]>,
  limit: number,
  onLong: (line: LongLine) => void,
): Promise<AsyncIterable<readonly Text[]>> {
  return "pipeThrough" in input
    ? (await import("./stdio/lines.ts")).readLines(input, limit, onLong)
    : readTexts(input, limit, onLong);
}

function authServer({ authServerUrl, authIssuer, grant }: Settings): string {
  if (grant === "token") return "(not used: the access token is given)";
  if (authServerUrl instanceof URL) return authServerUrl.href;
  return authIssuer ?? "(discovered from the MCP server)";
}

/** An HTTP client. Certificates that cannot be used are errors of the settings. */
function createHttp({ http }: ProxyRuntime, options: HttpOptions): HttpClient {
  try {
    return http(options);
  } catch (error) {
    rethrowFault(error);
    throw new SettingsError([messageOf(error)], [], error);
  }
}
