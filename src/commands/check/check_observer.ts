import type { Challenge } from "../../auth/discovery/challenge.ts";
import type { AuthEvent } from "../../auth/events.ts";
import type { AuthorizationServer } from "../../auth/oauth4webapi.ts";
import { type Target, union } from "../../auth/tokens/target.ts";
import type { ProxyError } from "../../errors.ts";
import { serverWords } from "../../log/server_words.ts";
import type { Era } from "../../mcp/revisions.ts";
import type { ProxyEvents } from "../../proxy.ts";
import type { Settings } from "../../settings/settings.ts";
import type { Exchange } from "./exchanges.ts";
import type { Report } from "./report.ts";
import { STEP } from "./steps.ts";
import { type TokenFacts, tokenFacts, tokenFinding } from "./token_facts.ts";

/** Observes the proxy by its events and its HTTP requests, and reports its steps. */
export interface CheckObserver extends ProxyEvents {
  readonly onAuthEvent: (event: AuthEvent) => void;
  readonly onFailure: (error: ProxyError) => void;
  readonly onRoute: (client: Era, server: Era) => void;
  /** Takes a line of the proxy's log, as JSON. Warnings are shown. */
  onLogLine(line: string): void;
  readonly onExchange: (exchange: Exchange) => void;
  /** Takes that a client is connected, or cannot connect. Steps that have not ended were not needed. */
  ended(): void;
  /** The latest error of the proxy. */
  readonly failure?: ProxyError;
  readonly onToolHidden: (name: string) => void;
  /** Tools that the tool filter hides from clients. */
  readonly hiddenTools: ReadonlySet<string>;
  /** The era of the server for a client of an era, once it is known. */
  readonly routes: ReadonlyMap<Era, Era>;
  /** The latest token request. */
  readonly target?: Target;
  /** The client authentication method of the latest token request. */
  readonly method?: string;
  /** The metadata of the authorization server. */
  readonly server?: AuthorizationServer;
  /** The facts of the token. */
  readonly token?: TokenFacts;
  /** Whether the latest HTTP request went to the token endpoint. */
  readonly hasAskedForToken: boolean;
  /** The latest request and its response. */
  readonly tried?: string;
  /** The latest challenge of the MCP server. */
  readonly challenge?: Challenge;
}

/** The steps of authorization, in their order. */
const AUTHORIZATION = [STEP.resource, STEP.issuer, STEP.method, STEP.token];

/** Creates an observer. @param challenged whether a token is needed before the server answers */
export function createCheckObserver(
  settings: Settings,
  report: Report,
  challenged: boolean,
): CheckObserver {
  const discovers = !(settings.authServerUrl instanceof URL);
  const routes = new Map<Era, Era>();
  const hiddenTools = new Set<string>();
  let failure: ProxyError | undefined;
  let target: Target | undefined;
  let method: string | undefined;
  let server: AuthorizationServer | undefined;
  let token: TokenFacts | undefined;
  let latest: Exchange | undefined;
  let challenge: Challenge | undefined;
  let reported: string | undefined;
  /** The scope that the server required when it refused a token. */
  let missing: string | undefined;
  let hasEnded = false;

  if (settings.grant === "token") {
    skip([STEP.resource, STEP.issuer, STEP.method], "not needed: the access token is given");
    report.begin(STEP.token);
  } else if (!discovers) {
    skip(
      [STEP.resource, STEP.issuer],
      "not needed: MCP_AUTH_SERVER_URL names the token endpoint",
    );
    report.begin(STEP.method);
  } else report.begin(challenged ? STEP.resource : STEP.mcp);

  function skip(steps: readonly string[], message: string): void {
    for (const step of steps) report.end("skipped", { message }, step);
  }

  /** Marks a step as skipped if it has begun. */
  function skipCurrent(step: string, message: string): void {
    if (report.current === step) report.end("skipped", { message });
  }

  function whyMethod(): string {
    if (settings.authMethod) return "set by MCP_AUTH_METHOD";
    if (!discovers) return "the default if MCP_AUTH_SERVER_URL is set";
    const listed = server?.token_endpoint_auth_methods_supported;
    return listed
      ? `the first choice for this credential; the server accepts ${listed.join(", ")}`
      : "the default for this credential, since the server lists no methods";
  }

  /** The server refuses a token that it was sent; the proxy requests another one, once. */
  function reportRefusal({ status, error, scope, description }: Challenge): void {
    const key = JSON.stringify([status, error, scope]);
    if (reported === key) return;
    reported = key;
    const isScope = status === 403 && scope !== undefined;
    const words = description === undefined ? "" : `. The server says: ${serverWords(description)}`;
    report.end("warning", {
      message: (isScope
        ? `the server refuses the token (403): it lacks the scope "${scope}"`
        : `the server refuses the token (${status})`) + words,
    }, STEP.refusal);
    if (isScope) missing = scope;
  }

  /** What each event means for the steps. */
  const STEPS: { [E in AuthEvent as E["type"]]: (event: E) => void } = {
    resource_found({ resource: { url, resource, authorizationServers, scopes = [] } }) {
      // It is read at every challenge, and again if discovery failed after it.
      if (method || report.current === STEP.issuer) return;
      report.end("ok", {
        message: [
          scopes.length > 0 && `scopes ${scopes.join(" ")}`,
          resource !== settings.serverUrl.href && `resource ${resource}`,
          authorizationServers.length > 0 &&
          `authorization server ${authorizationServers.join(", ")}`,
          `published at ${url}`,
        ].filter(Boolean).join("; "),
        values: { at: url.href, resource, authorizationServers, scopes },
      }, STEP.resource);
      report.begin(STEP.issuer);
    },
    server_found({ server: found }) {
      server = found;
      skipCurrent(STEP.resource, "not published");
      const { issuer, token_endpoint: tokenEndpoint } = found;
      report.end("ok", {
        message: `issuer ${issuer}, token endpoint ${tokenEndpoint}`,
        values: { issuer, tokenEndpoint },
      }, STEP.issuer);
      report.begin(STEP.method);
    },
    token_requested(event) {
      skipCurrent(STEP.resource, "not published");
      skipCurrent(STEP.issuer, "not published");
      target = event.target;
      if (event.method !== method) {
        method = event.method;
        report.end("ok", { message: `${method}, ${whyMethod()}`, values: { method } }, STEP.method);
      }
      report.begin(STEP.token);
    },
    token_received({ tokens, isBound }) {
      const { message: before } = token ? tokenFinding(token) : {};
      token = tokenFacts(tokens, isBound ? "DPoP" : "Bearer");
      const { message, values } = tokenFinding(token);
      const isSame = message === before;
      const held = token.scope ?? target?.scope;
      const isSteppedUp = missing !== undefined && union(held, missing) === union(held, undefined);
      report.end("ok", {
        message: isSame ? "another token, with the same properties" : message,
        next: isSteppedUp
          ? [
            `To request this scope from the start, set MCP_SCOPE="${
              union(target?.scope, missing)
            }"`,
          ]
          : undefined,
        values,
      }, STEP.token);
      if (!hasEnded) report.begin(STEP.mcp);
    },
    token_read({ variable, accessToken, expiresIn }) {
      token = tokenFacts({ accessToken, expiresIn });
      const lifetime = expiresIn === undefined
        ? ""
        : expiresIn > 0
        ? `, expires in ${expiresIn} s`
        : `, expired ${-expiresIn} s ago`;
      report.end("ok", { message: `read from ${variable}${lifetime}` }, STEP.token);
      report.begin(STEP.mcp);
    },
    refused({ challenge: refusal, hadToken }) {
      challenge = refusal;
      if (hadToken) reportRefusal(refusal);
    },
  };

  return {
    onAuthEvent: <T extends AuthEvent["type"]>(event: Extract<AuthEvent, { type: T }>) =>
      (STEPS[event.type] as (event: AuthEvent) => void)(event),
    onFailure: (error) => failure = error,
    onRoute: (client, server) => routes.set(client, server),
    onToolHidden: (name) => hiddenTools.add(name),
    hiddenTools,
    onLogLine(text) {
      const { level, message } = JSON.parse(text);
      if (level === "warn") report.end("warning", { message }, STEP.warning);
    },
    onExchange: (exchange) => latest = exchange,
    ended() {
      hasEnded = true;
      for (const step of AUTHORIZATION) skipCurrent(step, "not needed");
    },
    routes,
    get failure() {
      return failure;
    },
    get target() {
      return target;
    },
    get method() {
      return method;
    },
    get server() {
      return server;
    },
    get token() {
      return token;
    },
    get hasAskedForToken() {
      return latest?.purpose === "token";
    },
    get tried() {
      if (!latest) return undefined;
      const { purpose, request, status, type } = latest;
      const how = purpose === "token" && method ? ` as ${method}` : "";
      return `${request}${how}: ${status ? `${status} ${type}`.trim() : "no answer"}`;
    },
    get challenge() {
      return challenge;
    },
  };
}
