import type { Log } from "../log/log.ts";
import type { Redaction } from "../log/redaction.ts";
import { isLoopback } from "../runtime/loopback.ts";
import { RedirectElsewhere, sameOriginRedirects } from "../http/redirects.ts";
import type { HttpClient, Runtime } from "../runtime/types.ts";
import type { Settings } from "../settings/settings.ts";
import { type Authorization, createAuthorization } from "./authorization.ts";
import { authorizationServerAdvice, IDENTITY_PROVIDER } from "./client/advice.ts";
import { type Clock, createClock } from "./client/clock.ts";
import { credentialsFrom, type OwnCredentials } from "./client/credentials.ts";
import type { SecretReader } from "./client/secret_source.ts";
import { logAuthEvent, type OnAuthEvent } from "./events.ts";
import { createGivenToken, tokenPlaceFrom } from "./given_token.ts";
import type { Challenge } from "./discovery/challenge.ts";
import { clientCredentials } from "./grants/client_credentials.ts";
import type { Grant } from "./grants/grant.ts";
import { jwtBearer } from "./grants/jwt_bearer.ts";
import { once } from "../async/once.ts";
import { bareServer, type Target } from "./tokens/target.ts";
import { createTokenClient, type TokenClient } from "./tokens/token_client.ts";
import { createTokenSources } from "./tokens/token_sources.ts";

/** The Keycloak that version 1 went to when no token endpoint was set. */
const V1_TOKEN_ENDPOINT =
  "https://auth.perforce.com/auth/realms/perforce-id-dev-ue1/protocol/openid-connect/token";

/** What the server would say that asks for a token and names nothing. */
const UNASKED: Challenge = { status: 401, forTokens: true };

/** Whether version 1's default can be meant: its users have servers of Perforce, or on this machine. */
function mayMeanVersion1(url: URL): boolean {
  return /(^|\.)perforce\.com$/.test(url.hostname) || isLoopback(url);
}

/** Gets the assertion of a grant for a target, in so many milliseconds. */
type AssertionFor = (target: Target, left: number) => Promise<string>;

/** The grants by the names of `MCP_GRANT`. If one is refused, no other is tried. */
const GRANTS: Readonly<
  Record<
    Exclude<Settings["grant"], "token">,
    (client: TokenClient, sources: { assertion?: SecretReader; exchange: AssertionFor }) => Grant
  >
> = {
  "client_credentials": (client) => clientCredentials(client),
  // The rules of the settings demand an assertion for this grant.
  "jwt-bearer": (client, { assertion }) => jwtBearer(client, () => assertion!()),
  "enterprise-managed": (client, { exchange }) => jwtBearer(client, exchange),
};

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
 * needed: what only discovery, keys, DPoP or the cache need stays out of everybody else's start.
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
  const grant = GRANTS[grantName](client, {
    assertion: credentials.grantAssertion,
    exchange: identityExchange(settings, { credentials, clock, metadataHttp, ...parts }),
  });
  const discovery = once(async () =>
    (await import("./discovery/discovery.ts")).createDiscovery({
      ...settings,
      issuer: authIssuer,
      lastResort: authServerUrl || authIssuer || !mayMeanVersion1(settings.serverUrl)
        ? undefined
        : V1_TOKEN_ENDPOINT,
      suits: (server) => client.supports(server, grant.type),
      http: metadataHttp,
      onEvent,
      log,
    })
  );

  /** The user's scope and resource, even if that is none, come before what was found. */
  function asTheUserWants(found: Target): Target {
    const { scope = found.scope, resource = found.resource } = settings;
    return { ...found, scope, resource: resource === "none" ? undefined : resource };
  }

  /** Whether an authorization server receives nothing that it could use elsewhere. */
  function keepsCredential(server: Target["server"]): boolean {
    return settings.grant !== "jwt-bearer" && client.methodAt(server)?.discloses === false;
  }

  const warned = new Set<string>();

  /** Says once that the MCP server, and not the user, decided who receives the credential. */
  function warnIfUnpinned(server: Target["server"]): void {
    const { issuer, token_endpoint } = server;
    if (authIssuer || !token_endpoint || warned.has(issuer)) return;
    if (keepsCredential(server) || !client.methodAt(server)) return;
    const url = new URL(token_endpoint);
    // What is on this machine, no public server can name; version 1's default has its own warning.
    if (url.origin === settings.serverUrl.origin || isLoopback(url)) return;
    if (issuer === V1_TOKEN_ENDPOINT) return;
    warned.add(issuer);
    log.warn(
      "OAuth",
      `The MCP server names ${issuer} as its authorization server, and ${url.origin} receives the ` +
        `client's credential. If that is right, set MCP_AUTH_ISSUER=${issuer} so that no other server receives it`,
    );
  }

  async function discover(challenge: Challenge): Promise<Target | undefined> {
    const found = await (await discovery())(challenge);
    if (found) warnIfUnpinned(found.server);
    return found && asTheUserWants({ ...found, scope: challenge.scope ?? found.scope });
  }

  const fixed = authServerUrl instanceof URL
    ? asTheUserWants({ server: bareServer(authServerUrl.href, authIssuer) })
    : undefined;
  return createAuthorization({
    target: fixed,
    discover: fixed ? () => Promise.resolve(fixed) : discover,
    // A credential for an issuer that the user named goes nowhere else, so nothing has to be asked first.
    foresee: authIssuer && !fixed ? () => discover(UNASKED) : undefined,
    // What a server could use elsewhere stays with the one it was for (MCP, "AS Binding").
    mayFollow: ({ server }) => keepsCredential(server),
    tokensFor: createTokenSources({
      settings,
      obtain: grant.obtain,
      credential: () => (credentials.secret ?? credentials.privateKey)!.get(),
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

/** The exchange of the enterprise-managed grant, loaded when it is first needed. */
function identityExchange(
  settings: Settings,
  { credentials, clock, metadataHttp, plainHttp, log, redaction }: AuthorizationParts & {
    credentials: OwnCredentials;
    clock: Clock;
    metadataHttp: HttpClient;
  },
): AssertionFor {
  const exchange = once(async () =>
    (await import("./grants/enterprise_managed.ts")).createIdentityExchange(
      {
        issuer: settings.idpIssuer,
        tokenEndpoint: settings.idpTokenUrl?.href,
        client: createTokenClient({
          clientId: settings.idpClientId ?? settings.clientId ?? "",
          credentials: credentials.atIdentityProvider,
          audience: audienceAtIdentityProvider(settings),
          clock,
          timeout: settings.tokenTimeout,
          advice: IDENTITY_PROVIDER,
          http: plainHttp,
          log,
        }),
        // The rules of the settings demand one for this grant.
        identity: credentials.identity!,
        identityType: settings.idTokenType,
      },
      metadataHttp,
      settings,
    )
  );
  return async (target, left) => {
    const assertion = await (await exchange())(target, left);
    redaction.hide(assertion);
    return assertion;
  };
}

/** A URL as audience is that of the authorization server, unless it is on the host of this one. */
function audienceAtIdentityProvider(settings: Settings): string | undefined {
  const { assertionAudience: audience, idpIssuer, idpTokenUrl } = settings;
  if (audience === undefined || !URL.canParse(audience)) return audience;
  const { origin } = new URL(audience);
  return origin === (idpTokenUrl ?? new URL(idpIssuer!)).origin ? audience : undefined;
}

/**
 * Sends requests for metadata. Servers that the user named may see the client certificate; servers that only
 * metadata names, sees it when a token is asked for.
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
