import { type Challenge, readChallenge } from "../../auth/discovery/challenge.ts";
import { explanationOf, messageOf, ProxyError } from "../../errors.ts";
import type { Redaction } from "../../log/redaction.ts";
import type { HttpClient, Runtime } from "../../runtime/types.ts";
import { type Settings, SettingsError } from "../../settings/settings.ts";
import type { McpClient } from "../client/mcp_client.ts";
import { RpcError, startRpc } from "../client/rpc.ts";
import { listTools } from "../client/tools.ts";
import { adviceFor, type Circumstances } from "./advice.ts";
import { type CheckObserver, createCheckObserver } from "./check_observer.ts";
import { testCredential } from "./credential.ts";
import { connectEras, nativeClient, reportEras } from "./eras.ts";
import { observedHttp } from "./exchanges.ts";
import { reach } from "./reach.ts";
import type { Report } from "./report.ts";
import { challengeFinding } from "./report_challenge.ts";
import { STEP } from "./steps.ts";
import { waitAtMost } from "./wait_at_most.ts";

/** Milliseconds that the server may take to answer; the proxy itself would wait without a limit. */
const ANSWER_WITHIN = 90_000;
/** Tools that are shown by name. */
const SHOWN_TOOLS = 5;
/** Milliseconds for the end of the session. */
const CLOSE_WITHIN = 6_000;

/** Where a check reports, and what it reports with. */
export interface CheckOutput {
  readonly report: Report;
  /** Removes secrets from what is reported; learns those that the proxy reads. */
  readonly redaction: Redaction;
  /** The time in milliseconds. */
  readonly now: () => number;
}

/**
 * Goes from the settings to the list of tools and reports each step; the first failed step is the
 * last one. Apart from the first request, the proxy itself does it all and is observed.
 */
export async function diagnose(
  settings: Settings,
  runtime: Runtime,
  { report, redaction, now }: CheckOutput,
): Promise<void> {
  const { ca, clientCert: cert, clientKey: key, connectTimeout } = settings;
  report.begin(STEP.server);
  let http: HttpClient;
  try {
    http = runtime.http({ ca, cert, key, connectTimeout });
  } catch (error) {
    return report.end("failed", { message: messageOf(error) });
  }
  const { response, finding } = await reach(settings.serverUrl, http, runtime);
  report.end(response ? "ok" : "failed", finding);
  if (!response) return;

  report.begin(STEP.challenge);
  const challenge = readChallenge(response);
  const asked = challengeFinding(challenge, await response.text());
  report.end(asked.outcome, asked.finding);

  const isChallenged = challenge.status === 401 || settings.authIssuer !== undefined;
  const observer = createCheckObserver(settings, report, isChallenged);
  const rpc = startRpc(
    // A token that others have fetched says nothing about whether one can be obtained.
    { ...settings, tokenCache: undefined, logLevel: "warn", logFormat: "json" },
    {
      ...runtime,
      writeStderr: observer.onLogLine,
      http: (options) => observedHttp(runtime.http(options), observer.onExchange),
    },
    { ...observer, redaction },
  );
  const context = { settings, report, observer, challenge, http, now };
  try {
    const clients = await waitAtMost(ANSWER_WITHIN, connectEras(rpc));
    observer.ended();
    const client = nativeClient(clients, observer.routes);
    reportClient(client, report);
    reportEras(clients, observer.routes, settings.protocol !== "pass-through", report);
    await countTools(client, observer, report);
  } catch (error) {
    await reportFailure(error, context);
  } finally {
    await waitAtMost(CLOSE_WITHIN, rpc.close()).catch(() => {});
  }
  if (observer.token || observer.failure?.reason === "token") return;
  observer.ended();
  try {
    await testCredential(settings, runtime, observer, { report, redaction });
  } catch (error) {
    await reportFailure(error, context);
  }
}

function reportClient({ server, revision, begunBy }: McpClient, report: Report): void {
  if (report.current !== STEP.mcp) report.begin(STEP.mcp);
  const name = [server.name ?? "unnamed server", server.version].join(" ").trim();
  report.end("ok", {
    message: `${begunBy}: ${name}, revision ${revision}`,
    values: { method: begunBy, server, revision },
  });
}

async function countTools(
  client: McpClient,
  { hiddenTools }: CheckObserver,
  report: Report,
): Promise<void> {
  report.begin(STEP.tools);
  if (!client.hasTools) {
    return report.end("ok", { message: "the server has no tools", values: { tools: 0 } });
  }
  const tools = JSON.parse(await waitAtMost(ANSWER_WITHIN, listTools(client)));
  const names = tools.map((tool: unknown) => String(Object(tool).name));
  const hidden = hiddenTools.size === 0
    ? ""
    : `; ${counted([...hiddenTools])} hidden by MCP_TOOLS_ALLOW or MCP_TOOLS_DENY`;
  const values = { tools: names.length, hidden: [...hiddenTools] };
  report.end("ok", { message: counted(names) + hidden, values });
}

/** The number of names, and the first ones. */
function counted(names: readonly string[]): string {
  if (names.length === 0) return "0";
  const more = names.length > SHOWN_TOOLS ? ", …" : "";
  return `${names.length}: ${names.slice(0, SHOWN_TOOLS).join(", ")}${more}`;
}

/** Reports what happened at the current step, and what to do. */
async function reportFailure(error: unknown, context: {
  settings: Settings;
  report: Report;
  observer: CheckObserver;
  challenge: Challenge;
  http: HttpClient;
  now: () => number;
}): Promise<void> {
  const { settings, report, observer, http, now } = context;
  const failure = failureBehind(error, observer);
  const { problem, hint } = error instanceof SettingsError
    ? { problem: error.problems.join("; ") }
    : explanationOf(failure ?? error);
  const details: Circumstances["error"] = { reason: failure?.reason, ...failure?.details };
  const next = await adviceFor({
    settings,
    error: details,
    hint,
    challenge: observer.challenge ?? context.challenge,
    target: observer.target,
    method: observer.method,
    hasAskedForToken: observer.hasAskedForToken,
    token: observer.token,
    http,
    now,
  });
  const { status, oauthError, reason } = details;
  report.end("failed", {
    message: problem,
    tried: observer.tried,
    next,
    values: { status, oauthError, reason },
  });
}

/** The proxy's own error, if that is what the request was answered with. */
function failureBehind(error: unknown, { failure }: CheckObserver): ProxyError | undefined {
  if (error instanceof ProxyError) return error;
  const isOurs = error instanceof RpcError && error.data?.source === "mcp-oauth-proxy";
  return isOurs ? failure : undefined;
}
