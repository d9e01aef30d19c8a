import { type Challenge, readChallenge } from "../../auth/discovery/challenge.ts";
import { messageOf } from "../../errors.ts";
import type { HttpClient, Runtime } from "../../runtime/types.ts";
import { type Settings, SettingsError } from "../../settings/settings.ts";
import { connectClient, type McpClient } from "../client/mcp_client.ts";
import { RpcError } from "../client/rpc.ts";
import { listTools } from "../client/tools.ts";
import { adviceFor } from "./advice.ts";
import { createFollower, type Follower } from "./check_observer.ts";
import { observedHttp } from "./observed_http.ts";
import { reach } from "./reach.ts";
import type { Report } from "./report.ts";
import { STEP, takenApart } from "./steps.ts";
import { waitAtMost } from "./wait_at_most.ts";

/** Milliseconds that the server may take to answer; the proxy itself would wait for as long as it takes. */
const ANSWER_WITHIN = 90_000;

/**
 * Walks from the settings to the list of tools, and tells of each step; the first that fails is the
 * last. All but the knocking is done by the proxy itself, which is watched.
 */
export async function walk(
  settings: Settings,
  runtime: Runtime,
  report: Report,
  now: () => number,
): Promise<void> {
  const { ca, clientCert: cert, clientKey: key, connectTimeout } = settings;
  const connections = { ca, cert, key, connectTimeout };
  report.begin(STEP.server);
  let http: HttpClient;
  try {
    http = runtime.http(connections);
  } catch (error) {
    return report.end("failed", { message: messageOf(error) });
  }
  const { response, finding } = await reach(settings.serverUrl, http, runtime);
  report.end(response ? "ok" : "failed", finding);
  if (!response) return;

  report.begin(STEP.challenge);
  const challenge = await readChallenge(response);
  tellChallenge(report, challenge);

  const follower = createFollower(
    settings,
    report,
    challenge.status === 401 || settings.authIssuer !== undefined,
  );
  let client: McpClient | undefined;
  try {
    client = await waitAtMost(
      ANSWER_WITHIN,
      connectClient(
        // A token that others have fetched says nothing about whether one can be had.
        { ...settings, tokenCache: undefined, logLevel: "debug", logFormat: "json" },
        {
          ...runtime,
          writeStderr: (line) => follower.logged(line),
          http: (options) => observedHttp(runtime.http(options), follower.passed),
        },
      ),
    );
    follower.connected(client);
    await countTools(client, report);
  } catch (error) {
    await tellFailure(error, { settings, report, follower, challenge, http, now });
  } finally {
    await client?.close();
  }
}

function tellChallenge(report: Report, challenge: Challenge): void {
  const { status, forTokens, resourceMetadata, scope } = challenge;
  const values = { status, resourceMetadata, scope };
  if (status !== 401) {
    const open = status >= 200 && status < 300;
    return report.end(open ? "ok" : "warning", {
      message: open
        ? `none: the server does not require a token (${status})`
        : `none: the server answers a request without a token with ${status} instead of 401`,
      values,
    });
  }
  if (!forTokens) {
    return report.end("warning", {
      message: "401 without a Bearer challenge in WWW-Authenticate",
      values,
    });
  }
  const named = [
    resourceMetadata && `resource metadata at ${resourceMetadata}`,
    scope && `scope "${scope}"`,
  ].filter(Boolean).join(", ");
  report.end("ok", { message: `401, ${named || "without a metadata URL"}`, values });
}

async function countTools(client: McpClient, report: Report): Promise<void> {
  report.begin(STEP.tools);
  if (!client.hasTools) {
    return report.end("ok", { message: "the server has no tools", values: { tools: 0 } });
  }
  const tools = JSON.parse(await waitAtMost(ANSWER_WITHIN, listTools(client)));
  const names = tools.map(({ name }: { name: string }) => name).slice(0, 5).join(", ");
  const more = tools.length > 5 ? ", …" : "";
  report.end("ok", {
    message: tools.length === 0 ? "0" : `${tools.length}: ${names}${more}`,
    values: { tools: tools.length },
  });
}

/** Says what happened at the step that has begun, and what to do. */
async function tellFailure(error: unknown, { settings, report, follower, challenge, http, now }: {
  settings: Settings;
  report: Report;
  follower: Follower;
  challenge: Challenge;
  http: HttpClient;
  now: () => number;
}): Promise<void> {
  const known = error instanceof RpcError ? error.data ?? {} : {};
  const problems = error instanceof SettingsError ? error.problems : [messageOf(error)];
  const { happened, next } = takenApart(problems.join("; "));
  const latest = follower.latestChallenge();
  const advice = await adviceFor({
    settings,
    error: known.source === "mcp-oauth-proxy" ? known : {},
    challenge: latest ? await latest : challenge,
    method: follower.method,
    issuer: follower.issuer,
    scopes: follower.scopes,
    token: follower.token,
    http,
    now,
  });
  report.end("failed", {
    message: happened,
    tried: follower.tried,
    next: advice.length > 0 ? advice : next,
    values: { status: known.status, oauthError: known.oauthError, reason: known.reason },
  });
}
