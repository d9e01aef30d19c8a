import type { AuthorizationServer } from "../oauth4webapi.ts";
import { ExplainedError, rethrowFault } from "../../errors.ts";
import type { Log } from "../../log/log.ts";
import type { HttpClient } from "../../runtime/types.ts";
import { findAuthorizationServer } from "./authorization_server.ts";
import type { OnAuthEvent } from "../events.ts";
import type { Challenge } from "./challenge.ts";
import { DiscoveryError } from "./discovery_error.ts";
import { isTokenEndpoint } from "./probe_token_endpoint.ts";
import { findProtectedResource, type ProtectedResource } from "./protected_resource.ts";
import { TransientError, withRetry } from "../tokens/retry.ts";
import { bareServer, type Target } from "../tokens/target.ts";
import { checkUrl, type UrlPolicy } from "./url_policy.ts";
import { dropOldest } from "../../drop_oldest.ts";
import { onceEach } from "../../log/once_each.ts";
import { DISCOVERY_RETRY, MAX_AUTHORIZATION_SERVERS, MAX_KNOWN_SERVERS } from "../../limits.ts";

/** Options of {@linkcode createDiscovery}. */
export interface DiscoveryOptions extends UrlPolicy {
  /** The MCP endpoint. */
  readonly serverUrl: URL;
  /** The only issuer that may receive the credentials: the user's choice. */
  readonly issuer?: string;
  /** Token endpoint of last resort, for servers that publish nothing at all. */
  readonly lastResort?: string;
  /** Whether the client can get a token there: its grant and a way to authenticate. */
  readonly supports: (server: AuthorizationServer) => boolean;
  /** Sends without credentials. */
  readonly http: HttpClient;
  /** Takes each step. */
  readonly onEvent?: OnAuthEvent;
  readonly log: Log;
}

/** Scopes that make no sense for a client without a user (OpenID Connect Core, sections 5.4 and 11). */
const OF_USERS = new Set(["openid", "offline_access", "profile", "email"]);

/**
 * Creates a function that finds the target of token requests for a challenge (MCP, "Authorization
 * Server Discovery"). The resource's metadata is read at each challenge, since the authorization server
 * may have changed; that of the latest authorization servers is remembered.
 *
 * @returns the function. It resolves with `undefined` if the server publishes nothing and did not ask
 * for a token, and rejects with a {@linkcode DiscoveryError}
 */
export function createDiscovery(
  options: DiscoveryOptions,
): (challenge: Challenge) => Promise<Target | undefined> {
  const { serverUrl, issuer, lastResort, supports, http, onEvent = () => {}, log } = options;
  const known = new Map<string, AuthorizationServer>();
  const warnOnce = onceEach(
    (message) => log.warn("OAuth", message),
    "The MCP server's metadata keeps changing; no more changes are reported",
  );
  let latest: Target | undefined;

  async function discover(challenge: Challenge): Promise<Target | undefined> {
    const resource = await findProtectedResource(
      serverUrl,
      challenge.resourceMetadata,
      http,
      options,
      warnOnce,
    );
    if (!resource) return issuer ? await ofIssuer(issuer) : await ofOrigin(challenge);
    onEvent({ type: "resource_found", resource });
    return {
      server: await serverOf(resource),
      resource: resource.resource,
      scope: resource.scopes?.filter((scope) => !OF_USERS.has(scope)).join(" ") || undefined,
    };
  }

  /** The user's choice, or one of the authorization servers that the resource names. */
  async function serverOf({ url, authorizationServers }: ProtectedResource) {
    if (authorizationServers.length === 0) {
      return issuer ? await ask(issuer) : await atOrigin() ?? await ask(serverUrl.origin);
    }
    const listed = authorizationServers.slice(0, MAX_AUTHORIZATION_SERVERS);
    if (issuer) {
      if (!authorizationServers.some((name) => sameButSlash(name, issuer))) {
        warnOnce(
          `${url} names ${listed.join(", ")} as authorization server; using ${issuer} from ` +
            "MCP_AUTH_ISSUER",
        );
      }
      return await ask(issuer);
    }
    return await firstSuitable(listed);
  }

  /** The first one that supports this client; otherwise the first one with a token endpoint, since lists in metadata are often incomplete. */
  async function firstSuitable(issuers: readonly string[]): Promise<AuthorizationServer> {
    const servers: AuthorizationServer[] = [];
    let problem: unknown;
    for (const name of issuers) {
      try {
        checkUrl(name, "authorization server", serverUrl, options);
        const server = await ask(name);
        if (supports(server)) return server;
        servers.push(server);
      } catch (error) {
        rethrowFault(error);
        problem ??= error;
      }
    }
    if (servers.length === 0) throw problem;
    return servers[0];
  }

  async function ask(issuer: string): Promise<AuthorizationServer> {
    const server = known.get(issuer) ?? await findAuthorizationServer(issuer, http, options);
    if (!server) {
      throw new ExplainedError({
        problem: `${issuer} publishes no authorization server metadata`,
        hint: "Set MCP_AUTH_SERVER_URL to the token endpoint",
      });
    }
    return remember(issuer, server);
  }

  /** The authorization server at the MCP server's origin. Its issuer is unknown and may have a path. */
  async function atOrigin(): Promise<AuthorizationServer | undefined> {
    const { origin } = serverUrl;
    const server = known.get("") ?? await findAuthorizationServer(
      origin,
      http,
      options,
      (named) => new URL(named).origin === origin,
    );
    return server && remember("", server);
  }

  function remember(key: string, server: AuthorizationServer): AuthorizationServer {
    if (!known.has(key)) {
      onEvent({ type: "server_found", server });
    }
    known.set(key, server);
    dropOldest(known, MAX_KNOWN_SERVERS);
    return server;
  }

  /** The target at the issuer that the user set, for a server without resource metadata. */
  async function ofIssuer(issuer: string): Promise<Target> {
    return { server: await ask(issuer), resource: canonical(serverUrl) };
  }

  /**
   * MCP 2025-03-26, which has no resource metadata: the server's origin is its authorization server,
   * and without metadata its token endpoint is `/token`. This URL is probed before a credential goes
   * there, or to version 1's endpoint, which belongs to somebody else.
   */
  async function ofOrigin(challenge: Challenge): Promise<Target | undefined> {
    const { origin } = serverUrl;
    const server = await atOrigin();
    if (server) return { server };
    // A server that does not ask for a token gets none from a guessed endpoint.
    if (challenge.status !== 401) return undefined;
    // If the metadata has disappeared, the credential does not go to another server.
    if (latest && latest.hint !== NO_METADATA) {
      const { issuer } = latest.server;
      log.warn(
        "OAuth",
        `The MCP server no longer publishes authorization metadata; continuing with ${issuer}`,
      );
      return latest;
    }
    const ownEndpoint = `${origin}/token`;
    if (await isTokenEndpoint(ownEndpoint, http)) {
      log.debug("OAuth", "No metadata; the token endpoint of 2025-03-26", { at: ownEndpoint });
      return { server: bareServer(ownEndpoint, origin), hint: NO_METADATA };
    }
    if (!lastResort) {
      throw new ExplainedError({
        problem: `${origin} asks for a token and publishes no authorization metadata, and ` +
          `${ownEndpoint} is not a token endpoint`,
        hint: "Set MCP_AUTH_SERVER_URL to the token endpoint, or MCP_AUTH_ISSUER",
      });
    }
    if (!latest) {
      log.warn(
        "OAuth",
        "MCP_AUTH_SERVER_URL is not set, and the MCP server publishes no authorization server; using " +
          `version 1's default, ${lastResort}`,
      );
    }
    return { server: bareServer(lastResort), hint: NO_METADATA };
  }

  return async (challenge) => {
    try {
      return latest = await withRetry(() => discover(challenge), {
        ...DISCOVERY_RETRY,
        onRetry: (error, delay) =>
          log.warn("OAuth", `${error.problem}; retrying in ${Math.ceil(delay / 1000)}s`),
      });
    } catch (error) {
      if (error instanceof TransientError && latest) {
        log.warn("OAuth", `${error.problem}; continuing with ${latest.server.issuer}`);
        return latest;
      }
      rethrowFault(error);
      const failure = new DiscoveryError(error);
      log.error("OAuth", failure.message);
      throw failure;
    }
  };
}

const NO_METADATA = "The MCP server publishes no authorization metadata: set MCP_AUTH_SERVER_URL " +
  "to the token endpoint, or MCP_AUTH_ISSUER";

/** The canonical URI of an MCP server: no fragment, and no slash if that is the whole path. */
function canonical({ href, pathname, search }: URL): string {
  return pathname === "/" && search === "" ? href.slice(0, -1) : href;
}

/** For what the user sets; the issuer in metadata must match exactly. */
function sameButSlash(one: string, other: string): boolean {
  return one.replace(/\/$/, "") === other.replace(/\/$/, "");
}
