import { type Challenge, readChallenge } from "../../auth/discovery/challenge.ts";
import { UNLISTED } from "../../auth/client/client_authentication.ts";
import { strings } from "../../auth/discovery/metadata.ts";
import { union } from "../../auth/tokens/target.ts";
import { isSuccess } from "../../http/http.ts";
import type { Settings } from "../../settings/settings.ts";
import type { McpClient } from "../client/mcp_client.ts";
import type { Exchange } from "./observed_http.ts";
import type { Report } from "./report.ts";
import { STEP } from "./steps.ts";
import { type TokenFacts, tokenFacts, tokenFinding } from "./token_facts.ts";

/** Watches the proxy by its log and by what passes over HTTP, and tells of its steps. */
export interface Follower {
  /** Takes a line of the proxy's log: JSON, at level debug. */
  logged(line: string): void;
  /** Takes what passed over HTTP. */
  readonly passed: (exchange: Exchange) => void;
  /** Takes that the server has answered as an MCP server. */
  connected(client: McpClient): void;
  /** Client authentication method that was used. */
  readonly method?: string;
  /** What the authorization server says of itself. */
  readonly issuer?: { readonly token_endpoint_auth_methods_supported?: readonly string[] };
  /** Scopes that the server, or else the authorization server, says there are. */
  readonly scopes?: readonly string[];
  /** What is known of the token. */
  readonly token?: TokenFacts;
  /** The latest thing that was tried, and what came back. */
  readonly tried?: string;
  /** What the server asked for lately, if it did. */
  latestChallenge(): Promise<Challenge> | undefined;
}

/** A line of the log. Its members are those of the log's messages. */
interface Line {
  readonly level: string;
  readonly message: string;
  readonly at?: string;
  readonly issuer?: string;
  readonly method?: string;
  readonly resource?: string;
}

/** How the proxy begins to say where a token that exists already comes from. */
const GIVEN_TOKEN = "Access token read from ";

/** Creates a follower. @param challenged whether a token is needed before the server answers */
export function createFollower(
  settings: Settings,
  report: Report,
  challenged: boolean,
): Follower {
  const discovers = !(settings.authServerUrl instanceof URL);
  let documents: Record<string, unknown>[] = [];
  let refusal: Exchange | undefined;
  let method: string | undefined;
  let token: TokenFacts | undefined;
  let latest: Exchange | undefined;
  let told: string | undefined;

  /** The latest document that has a member. */
  const documentWith = (member: string) => documents.findLast((known) => member in known);

  if (settings.grant === "token") {
    const message = "not needed: the access token is given";
    for (const step of [STEP.resource, STEP.issuer, STEP.method]) {
      report.end("skipped", { message }, step);
    }
    report.begin(STEP.token);
  } else if (!discovers) {
    const message = "not needed: MCP_AUTH_SERVER_URL names the token endpoint";
    for (const step of [STEP.resource, STEP.issuer]) report.end("skipped", { message }, step);
    report.begin(STEP.method);
  } else if (challenged) report.begin(STEP.resource);
  else report.begin(STEP.mcp);

  /** What the proxy says when it does something, and what that means for the steps. */
  const EVENTS: Readonly<Record<string, (line: Line) => void>> = {
    "Resource metadata": ({ at, resource }) => {
      if (method) return; // It is read at every challenge.
      const servers = strings(documentWith("resource")?.authorization_servers) ?? [];
      const scopes = strings(documentWith("resource")?.scopes_supported) ?? [];
      report.end("ok", {
        message: [
          `${at}: ${resource}`,
          servers.length > 0 && `authorization server ${servers.join(", ")}`,
          scopes.length > 0 && `scopes ${scopes.join(" ")}`,
        ].filter(Boolean).join("; "),
        values: { at, resource, authorizationServers: servers, scopes },
      }, STEP.resource);
      report.begin(STEP.issuer);
    },
    "Authorization server metadata": ({ issuer }) => {
      passOver(STEP.resource, "not published");
      const endpoint = documentWith("token_endpoint")?.token_endpoint;
      report.end("ok", {
        message: `${issuer}: token endpoint ${endpoint}`,
        values: { issuer, tokenEndpoint: endpoint },
      }, STEP.issuer);
      report.begin(STEP.method);
    },
    "Asking for a token": (line) => {
      passOver(STEP.resource, "not published");
      passOver(STEP.issuer, "not published");
      if (line.method !== method) {
        method = line.method!;
        const message = `${method}, ${whyMethod()}`;
        report.end("ok", { message, values: { method } }, STEP.method);
      }
      report.begin(STEP.token);
    },
    "Token fetched successfully": () => {
      report.end("ok", tokenFinding(token ?? {}), STEP.token);
      report.begin(STEP.mcp);
    },
  };

  /** Marks the current step as skipped. */
  function passOver(step: string, message: string): void {
    if (report.current === step) report.end("skipped", { message });
  }

  function whyMethod(): string {
    if (settings.authMethod) return "as MCP_AUTH_METHOD says";
    if (!discovers) return "the default if MCP_AUTH_SERVER_URL is set";
    const listed = strings(documentWith("token_endpoint")?.token_endpoint_auth_methods_supported);
    return listed
      ? `the first choice for this credential among ${listed.join(", ")}`
      : `the first choice for this credential; the server lists no methods, so it is one of ${
        UNLISTED.join(", ")
      }`;
  }

  /** The server has seen a token and does not want it; the proxy asks for another one, once. */
  function tellRefusal({ status, challenge }: Exchange): void {
    if (told === `${status} ${challenge}`) return;
    told = `${status} ${challenge}`;
    const scope = /scope="([^"]*)"/.exec(challenge ?? "")?.[1];
    const isScope = status === 403 && scope !== undefined;
    report.end("warning", {
      message: isScope
        ? `the server refuses the token (403): it lacks the scope "${scope}"`
        : `the server refuses the token (${status})`,
      next: isScope ? [`Set MCP_SCOPE="${union(settings.scope, scope)}"`] : [],
    }, STEP.refusal);
  }

  return {
    logged(text) {
      const line: Line = JSON.parse(text);
      const event = EVENTS[line.message.replace(/ \(expires in .*\)$/, "")];
      if (event) event(line);
      else if (line.message.startsWith(GIVEN_TOKEN)) {
        report.end("ok", { message: line.message.slice("Access token ".length) }, STEP.token);
        report.begin(STEP.mcp);
      } else if (line.level === "warn") {
        report.end("warning", { message: line.message }, STEP.warning);
      }
    },
    passed(exchange) {
      const { kind, status, body } = exchange;
      latest = exchange;
      if (kind === "metadata" && status === 200) documents = [...documents, object(body)];
      if (kind === "token" && status !== undefined && isSuccess(status)) token = tokenFacts(body!);
      if (kind !== "mcp" || (status !== 401 && status !== 403)) return;
      refusal = exchange;
      if (exchange.authorized) tellRefusal(exchange);
    },
    connected({ server, revision, begunBy }) {
      for (const step of [STEP.resource, STEP.issuer, STEP.method, STEP.token]) {
        passOver(step, "not needed");
      }
      if (report.current !== STEP.mcp) report.begin(STEP.mcp);
      const name = [server.name ?? "unnamed server", server.version].join(" ").trim();
      report.end("ok", {
        message: `${begunBy}: ${name}, revision ${revision}`,
        values: { method: begunBy, server, revision },
      });
    },
    get method() {
      return method;
    },
    get issuer() {
      return documentWith("token_endpoint") as Follower["issuer"];
    },
    get scopes() {
      return strings(documentWith("resource")?.scopes_supported) ??
        strings(documentWith("scopes_supported")?.scopes_supported);
    },
    get token() {
      return token;
    },
    get tried() {
      if (!latest) return undefined;
      const { kind, request, status, type } = latest;
      const how = kind === "token" && method ? ` as ${method}` : "";
      return `${request}${how}: ${status ? `${status} ${type}`.trim() : "no answer"}`;
    },
    latestChallenge() {
      if (!refusal) return undefined;
      const { status, challenge } = refusal;
      const headers = challenge === undefined ? undefined : { "www-authenticate": challenge };
      return readChallenge(new Response(null, { status, headers }));
    },
  };
}

function object(text: string | undefined): Record<string, unknown> {
  try {
    const value = JSON.parse(text ?? "");
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
