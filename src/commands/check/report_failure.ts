import type { Challenge } from "../../auth/discovery/challenge.ts";
import { type Explanation, explanationOf, ProxyError } from "../../errors.ts";
import { serverWords } from "../../log/server_words.ts";
import type { HttpClient } from "../../runtime/types.ts";
import { type Settings, SettingsError } from "../../settings/settings.ts";
import { RpcError } from "../client/rpc.ts";
import { adviceFor, type Circumstances } from "./advice.ts";
import type { CheckObserver } from "./check_observer.ts";
import type { Report } from "./report.ts";

/** What a failure is reported with. */
export interface FailureContext {
  readonly settings: Settings;
  readonly report: Report;
  readonly observer: CheckObserver;
  /** The answer to the request without a token. */
  readonly challenge: Challenge;
  /** Sends without credentials. */
  readonly http: HttpClient;
  /** The time in milliseconds. */
  readonly now: () => number;
}

/** Reports what happened at the current step, and what to do. */
export async function reportFailure(error: unknown, context: FailureContext): Promise<void> {
  const { settings, report, observer, http, now } = context;
  const failure = failureBehind(error, observer);
  const { problem, hint } = explanationFor(failure ?? error);
  const details: Circumstances["error"] = { reason: failure?.reason, ...failure?.details };
  const next = await adviceFor({
    settings,
    error: details,
    hint,
    challenge: observer.challenge ?? context.challenge,
    target: observer.target,
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

function explanationFor(error: unknown): Explanation {
  if (error instanceof SettingsError) return { problem: error.problems.join("; ") };
  if (!(error instanceof RpcError)) return explanationOf(error);
  const words = serverWords(error.message);
  return { problem: `the server answers with error ${error.code}${words ? `: ${words}` : ""}` };
}
