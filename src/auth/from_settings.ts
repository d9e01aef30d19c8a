import type { Log } from "../log/log.ts";
import type { Redaction } from "../log/redaction.ts";
import { isLoopback } from "../runtime/loopback.ts";
import { onceEach } from "../log/once_each.ts";
import { RedirectElsewhere, sameOriginRedirects } from "../http/redirects.ts";
import type { HttpClient, Runtime } from "../runtime/types.ts";
import type { Settings } from "../settings/settings.ts";
import { type Authorization, createAuthorization } from "./authorization.ts";
import { authorizationServerAdvice } from "./client/advice.ts";
import { createClock } from "./client/clock.ts";
import type { Credentials } from "./client/client_authentication.ts";
import { credentialsFrom } from "./client/credentials.ts";
import { logAuthEvent, type OnAuthEvent } from "./events.ts";
import { createGivenToken, tokenPlaceFrom } from "./given_token.ts";
import type { Challenge } from "./discovery/challenge.ts";
import { grantFrom } from "./grants/from_settings.ts";
import { once } from "../async/once.ts";
import { bareServer, type Target } from "./tokens/target.ts";
import { createTokenClient } from "./tokens/token_client.ts";
import { createTokenSources } from "./tokens/token_sources.ts";

/** The token endpoint that version 1 used if none was set. */
const V1_TOKEN_ENDPOINT =
  "https://auth.perforce.com/auth/realms/perforce-id-dev-ue1/protocol/openid-connect/token";

/** The challenge of a server that asks for a token and names nothing. */
const BARE_CHALLENGE: Challenge = { status: 401, forTokens: true };

/** Whether version 1's default can be meant: its users have Perforce's servers, or one on this machine. */
function mayMeanVersion1(url: URL): boolean {
  return /(^|\.)perforce\.com$/.test(url.hostname) || isLoopback(url);
}

/** What authorization needs in addition to the settings. */
export interface AuthorizationParts {
  /** Where secrets and cached tokens are. */
  readonly machine: Pick<Runtime, "readTextFile" | "run" | "privateFiles">;
  /** Sends to the MCP server and to token endpoints; has the client certificate, if there is one. */
  readonly http: HttpClient;
  /** Sends without a client certificate. */
  readonly plainHttp: HttpClient;
  readonly log: Log;
  readonly redaction: Redaction;
  /** Takes what happens on the way to a token, in addition to the log. */
  readonly onEvent?: OnAuthEvent;
}

/**
 * Builds the authorization that the settings describe. Nothing is sent, run or loaded before it is
 * needed: code that only discovery, keys, DPoP or the cache need does not slow down the start.
 */
export function authorizationFrom(settings: Settings, parts: AuthorizationParts): Authorization {
  const { authServerUrl, authIssuer } = settings;
  const { machine, http, log, redaction } = parts;
  const onEvent: OnAuthEvent = (event) => {
    logAuthEvent(event, log);
    parts.onEvent?.(event);
  };
  const { grant: grantName, clientId = "" } = settings;
  if (grantName === "token") return createGivenToken(tokenPlaceFrom(settings, machine), parts);
  const credentials = credentialsFrom(settings, machine, redaction, log);
  const metadataHttp = httpForMetadata(settings, parts);

  const clock = createClock(log);
  const dpop = once(async () => (await import("./client/dpop.ts")).createDPoP(http, clock));
  const client = createTokenClient({
    clientId,
    credentials,
    renewCredentials: credentials.renew,
    authMethod: settings.authMethod,
    needsNoCredential: grantName !== "client_credentials",
    tokenParams: settings.tokenParams,
    audience: settings.assertionAudience,
    clock,
    mutualTls: settings.clientCert !== undefined,
    dpop: settings.dpop ? dpop : undefined,
    timeout: settings.tokenTimeout,
    advice: authorizationServerAdvice(settings),
    onEvent,
    http,
    log,
  });
  const grant = grantFrom(grantName, settings, {
    ...parts,
    client,
    credentials,
    clock,
    metadataHttp,
  });
  const discovery = once(async () =>
    (await import("./discovery/discovery.ts")).createDiscovery({
      ...settings,
      issuer: authIssuer,
      lastResort: authServerUrl || authIssuer || !mayMeanVersion1(settings.serverUrl)
        ? undefined
        : V1_TOKEN_ENDPOINT,
      supports: (server) => client.supports(server, grant.type),
      http: metadataHttp,
      onEvent,
      log,
    })
  );

  /** The target with the user's scope and resource, which come before those that were discovered. */
  function withOwnSettings(found: Target): Target {
    const { scope = found.scope, resource = found.resource } = settings;
    return { ...found, scope, resource: resource === "none" ? undefined : resource };
  }

  /** Whether an authorization server receives nothing that it could use at another server. */
  function keepsCredential(server: Target["server"]): boolean {
    return settings.grant !== "jwt-bearer" && client.methodAt(server)?.discloses === false;
  }

  const warnOnce = onceEach(
    (message) => log.warn("OAuth", message),
    "The MCP server keeps naming other authorization servers; they are not listed here",
  );

  /** Warns once if the MCP server, and not the user, decides which server receives the credential. */
  function warnIfUnpinned(server: Target["server"]): void {
    const { issuer, token_endpoint } = server;
    if (authIssuer || !token_endpoint) return;
    if (keepsCredential(server) || !client.methodAt(server)) return;
    const url = new URL(token_endpoint);
    // A public server cannot name this machine; version 1's default has its own warning.
    if (url.origin === settings.serverUrl.origin || isLoopback(url)) return;
    if (issuer === V1_TOKEN_ENDPOINT) return;
    warnOnce(
      `The MCP server names ${issuer} as its authorization server, and ${url.origin} receives the ` +
        `client's credential. If that is right, set MCP_AUTH_ISSUER=${issuer} so that no other server receives it`,
    );
  }

  async function discover(challenge: Challenge): Promise<Target | undefined> {
    const found = await (await discovery())(challenge);
    if (found) warnIfUnpinned(found.server);
    return found && withOwnSettings({ ...found, scope: challenge.scope ?? found.scope });
  }

  const fixed = authServerUrl instanceof URL
    ? withOwnSettings({ server: bareServer(authServerUrl.href, authIssuer) })
    : undefined;
  return createAuthorization({
    target: fixed,
    discover: fixed ? () => Promise.resolve(fixed) : discover,
    // Only the issuer that the user named gets the credential, so the MCP server need not name it.
    discoverUnasked: authIssuer && !fixed ? () => discover(BARE_CHALLENGE) : undefined,
    // A credential that a server could use elsewhere goes only to the first one (MCP, "AS Binding").
    mayFollow: ({ server }) => keepsCredential(server),
    tokensFor: createTokenSources({
      settings,
      obtain: grant.obtain,
      credential: cacheCredential(credentials),
      assertion: credentials.grantAssertion ?? credentials.identity,
      machine,
      hide: redaction.hide,
      log,
    }),
    maxScope: settings.scope,
    send: settings.dpop ? async (request, token) => (await dpop()).send(request, token) : undefined,
    log,
  });
}

/** The credential that encrypts the cache; the rules of the settings demand one of these for it. */
function cacheCredential({ secret, privateKey }: Credentials): () => Promise<string> {
  const source = secret ?? privateKey;
  return () => source?.get() ?? Promise.reject(new TypeError("the cache has no credential"));
}

/**
 * Sends requests for metadata. Only servers that the user named see the client certificate; others see
 * it when they are asked for a token.
 */
function httpForMetadata(
  { serverUrl, authIssuer }: Settings,
  { http, plainHttp }: AuthorizationParts,
): HttpClient {
  const named = [serverUrl.origin, authIssuer && new URL(authIssuer).origin];
  return sameOriginRedirects(
    (request) => (named.includes(new URL(request.url).origin) ? http : plainHttp)(request),
    () => new RedirectElsewhere(),
  );
}
