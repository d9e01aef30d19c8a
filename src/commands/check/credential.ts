import { DiscoveryError } from "../../auth/discovery/discovery_error.ts";
import { authorizationFrom } from "../../auth/from_settings.ts";
import { explanationOf } from "../../errors.ts";
import { createLog } from "../../log/log.ts";
import type { Redaction } from "../../log/redaction.ts";
import type { HttpOptions, Runtime } from "../../runtime/types.ts";
import type { Settings } from "../../settings/settings.ts";
import type { CheckObserver } from "./check_observer.ts";
import { observedHttp } from "./exchanges.ts";
import type { Report } from "./report.ts";
import { STEP } from "./steps.ts";

/**
 * Requests a token for a server that did not ask for one, so that the credential is tested. The
 * authorization server is the one of the settings or of the well-known metadata.
 *
 * @throws {ProxyError} if there is an authorization server and it gives no token
 */
export async function testCredential(
  settings: Settings,
  runtime: Runtime,
  observer: CheckObserver,
  { report, redaction }: { report: Report; redaction: Redaction },
): Promise<void> {
  const log = createLog({ level: "warn", format: "json", redaction }, observer.onLogLine);
  const { ca, clientCert: cert, clientKey: key, connectTimeout } = settings;
  const http = (options: HttpOptions) =>
    observedHttp(runtime.http({ ...options, ca, connectTimeout }), observer.onExchange);
  const authorization = authorizationFrom({ ...settings, tokenCache: undefined }, {
    machine: runtime,
    http: http({ cert, key }),
    plainHttp: http({}),
    log,
    redaction,
    onEvent: observer.onAuthEvent,
  });
  const notTested = (message: string, hint: string) => {
    if (report.current !== undefined) report.end("skipped", { message: "not found" });
    report.end(
      "warning",
      { message: `the credential was not tested: ${message}`, next: [hint] },
      STEP.token,
    );
  };
  report.begin(STEP.resource);
  try {
    // This is not a refusal, so that no endpoint is guessed that would receive the credential.
    const hasToken = await authorization.challenged({ status: 200, forTokens: false }, undefined);
    if (hasToken) reportUnused(observer, report);
    else {
      notTested(
        "the server does not ask for a token and publishes no authorization server",
        "Set MCP_AUTH_ISSUER or MCP_AUTH_SERVER_URL to test it",
      );
    }
  } catch (error) {
    if (!(error instanceof DiscoveryError)) throw error;
    const { problem, hint } = explanationOf(error);
    notTested(problem, hint ?? "Set MCP_AUTH_SERVER_URL to the token endpoint to test it");
  }
}

/** The credential is good, but the server does not get a token. */
function reportUnused({ server }: CheckObserver, report: Report): void {
  report.end("warning", {
    message:
      "the authorization server issues a token, but the MCP server does not ask for one, so " +
      "the proxy does not send it",
    next: server ? [`If the MCP server needs the token, set MCP_AUTH_ISSUER=${server.issuer}`] : [],
  }, STEP.unused);
}
