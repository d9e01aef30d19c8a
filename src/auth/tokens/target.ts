/** The target of token requests, and how two targets compare. */

import type { AuthorizationServer } from "../oauth4webapi.ts";

/** The authorization server, and what to request from it. */
export interface Target {
  /** The authorization server: its metadata, or only its token endpoint. */
  readonly server: AuthorizationServer;
  /** RFC 8707 resource. */
  readonly resource?: string;
  /** Scopes, space separated. */
  readonly scope?: string;
  /** What the user can check if the URL is not a token endpoint. */
  readonly hint?: string;
}

/** Whether two targets give the same tokens. */
export function sameTarget(one: Target, other: Target): boolean {
  return one.server.issuer === other.server.issuer &&
    one.server.token_endpoint === other.server.token_endpoint &&
    one.resource === other.resource && one.scope === other.scope;
}

/** The scopes of both, each once, in order; `undefined` if there are none. */
export function union(one: string | undefined, other: string | undefined): string | undefined {
  const scopes = `${one ?? ""} ${other ?? ""}`.split(/\s+/).filter((scope) => scope !== "");
  return [...new Set(scopes)].join(" ") || undefined;
}

/** Client authentication methods for a server without metadata; the first possible one is used. */
const BLIND_METHODS = ["private_key_jwt", "tls_client_auth", "client_secret_post", "none"];

/**
 * An authorization server of which only the token endpoint is known. A secret is sent in the body, as
 * version 1 did.
 *
 * @param issuer its issuer, the default audience of client assertions (RFC 7523 section 3)
 */
export function bareServer(tokenEndpoint: string, issuer = tokenEndpoint): AuthorizationServer {
  return {
    issuer,
    token_endpoint: tokenEndpoint,
    token_endpoint_auth_methods_supported: BLIND_METHODS,
  };
}

/** The client authentication methods that a server lists itself; `undefined` if it lists none. */
export function listedMethods(server: AuthorizationServer): readonly string[] | undefined {
  const methods = server.token_endpoint_auth_methods_supported;
  return methods === BLIND_METHODS ? undefined : methods;
}
