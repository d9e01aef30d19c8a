import type { Log } from "../log/log.ts";
import type { Redaction } from "../log/redaction.ts";
import { isLoopback } from "../runtime/loopback.ts";
import { RedirectElsewhere, sameOriginRedirects } from "../http/redirects.ts";
import type { HttpClient, Runtime } from "../runtime/types.ts";
import type { Settings } from "../settings/settings.ts";
import { type Authorization, createAuthorization } from "./authorization.ts";
import type { Challenge } from "./discovery/challenge.ts";
import { credentialsFrom } from "./client/credentials.ts";
import { GRANTS } from "./grants/grants.ts";
import { once } from "../async/once.ts";
import { createTokenSources } from "./tokens/shared_tokens.ts";
import { bareServer, type Target } from "./tokens/target.ts";
import { createTokenAsker } from "./tokens/token_client.ts";

/** The Keycloak that version 1 went to when no token endpoint was set. */
const V1_TOKEN_ENDPOINT =
  "https://auth.perforce.com/auth/realms/perforce-id-dev-ue1/protocol/openid-connect/token";

/** Whether version 1's default can be meant: its users have servers of Perforce, or on this machine. */
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
  /** Told of each token that the authorization server gives. */
  readonly onToken?: () => void;
}

/**
 * Builds the authorization that the settings describe. Nothing is sent, run or loaded before it is
 * needed: what only discovery, keys, DPoP or the cache need stays out of everybody else's start.
 */
export function authorizationFrom(settings: Settings, parts: AuthorizationParts): Authorization {
  const { authServerUrl, authIssuer } = settings;
  const { machine, http, plainHttp, log, redaction } = parts;
  const credentials = credentialsFrom(settings, machine, redaction);
  const metadataHttp = httpForMetadata(settings, parts);

  const exchange = once(async () =>
    (await import("./grants/enterprise_managed.ts")).createExchange(
      {
        issuer: settings.idpIssuer,
        tokenEndpoint: settings.idpTokenUrl?.href,
        clientId: settings.idpClientId ?? settings.clientId,
        credentials: credentials.atIdentityProvider,
        identity: credentials.identity!,
        identityType: settings.idTokenType,
      },
      { http: plainHttp, metadata: metadataHttp },
      settings,
    )
  );
  const grant = GRANTS[settings.grant]({
    assertion: credentials.grantAssertion,
    async exchange(target) {
      const idJag = await (await exchange())(target);
      redaction.hide(idJag);
      return idJag;
    },
  });
  const dpop = once(async () => (await import("./client/dpop.ts")).createDPoP(http));
  const asker = createTokenAsker({ ...parts, settings, credentials, grant, dpop });
  const discovery = once(async () =>
    (await import("./discovery/discovery.ts")).createDiscovery({
      ...settings,
      issuer: authIssuer,
      lastResort: authServerUrl || authIssuer || !mayMeanVersion1(settings.serverUrl)
        ? undefined
        : V1_TOKEN_ENDPOINT,
      suits: asker.isOfferedBy,
      http: metadataHttp,
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
    return settings.grant !== "jwt-bearer" && asker.methodAt(server)?.discloses === false;
  }

  const warned = new Set<string>();

  /** Says once that the MCP server, and not the user, decided who receives the credential. */
  function warnIfUnpinned(server: Target["server"]): void {
    const { issuer, token_endpoint } = server;
    if (authIssuer || !token_endpoint || warned.has(issuer)) return;
    if (keepsCredential(server) || !asker.methodAt(server)) return;
    const url = new URL(token_endpoint);
    // What is on this machine, no public server can name; version 1's default has its own warning.
    if (url.origin === settings.serverUrl.origin || isLoopback(url)) return;
    if (issuer === V1_TOKEN_ENDPOINT) return;
    warned.add(issuer);
    log.warn(
      "OAuth",
      `The MCP server names ${issuer} as its authorization server, and ${url.origin} receives the ` +
        `client's credential. If that is right, set MCP_AUTH_ISSUER=${issuer} so that no other does`,
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
    // What a server could use elsewhere stays with the one it was for (MCP, "AS Binding").
    mayFollow: ({ server }) => keepsCredential(server),
    tokensFor: createTokenSources({
      settings,
      ask: asker.ask,
      credential: () => (credentials.secret ?? credentials.privateKey)!.get(),
      machine,
      hide: redaction.hide,
      log,
    }),
    maxScope: settings.scope,
    send: settings.dpop ? async (request, token) => (await dpop()).send(request, token) : undefined,
    log,
  });
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
