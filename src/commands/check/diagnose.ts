import { readChallenge } from "../../auth/discovery/challenge.ts";
import { messageOf, rethrowFault } from "../../errors.ts";
import type { Redaction } from "../../log/redaction.ts";
import type { HttpClient, Runtime } from "../../runtime/types.ts";
import type { Settings } from "../../settings/settings.ts";
import type { McpClient } from "../client/mcp_client.ts";
import { startRpc } from "../client/rpc.ts";
import { createCheckObserver } from "./check_observer.ts";
import { testCredential } from "./credential.ts";
import { connectEras, nativeClient, reportEras } from "./eras.ts";
import { observedHttp } from "./exchanges.ts";
import { reach } from "./reach.ts";
import type { Report } from "./report.ts";
import { challengeFinding } from "./report_challenge.ts";
import { reportFailure } from "./report_failure.ts";
import { toolsFinding, toolsOf } from "./report_tools.ts";
import { STEP } from "./steps.ts";
import { waitAtMost } from "./wait_at_most.ts";

/** Milliseconds that the server may take to answer; the proxy itself would wait without a limit. */
const ANSWER_WITHIN = 90_000;
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
 * Connects to the server, lists its tools and tests the credential, and reports each step. All
 * requests but the first are made by the proxy's own code, which is observed.
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
    rethrowFault(error);
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
    report.begin(STEP.tools);
    const tools = await waitAtMost(ANSWER_WITHIN, toolsOf(client));
    report.end("ok", toolsFinding(tools, observer.hiddenTools));
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
