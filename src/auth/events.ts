/** What happens during authorization, for the log and for `check`. */

import type { Log } from "../log/log.ts";
import type { Challenge } from "./discovery/challenge.ts";
import type { ProtectedResource } from "./discovery/protected_resource.ts";
import type { AuthorizationServer } from "./oauth4webapi.ts";
import type { Target } from "./tokens/target.ts";
import type { TokenSet } from "./tokens/token_set.ts";

/** Something that happened on the way to a token. */
export type AuthEvent =
  /** The MCP server's metadata was read; that happens at each challenge. */
  | { readonly type: "resource_found"; readonly resource: ProtectedResource }
  /** The metadata of an authorization server was read. */
  | { readonly type: "server_found"; readonly server: AuthorizationServer }
  /** A token is requested. */
  | {
    readonly type: "token_requested";
    readonly target: Target;
    /** Client authentication method. */
    readonly method: string;
    readonly grantType: string;
  }
  /** The authorization server gave a token. */
  | { readonly type: "token_received"; readonly tokens: TokenSet; readonly isBound: boolean }
  /** A token that exists already was read from the user's setting. */
  | {
    readonly type: "token_read";
    readonly variable: string;
    readonly accessToken: string;
    /** Seconds until it expires, if it says so. */
    readonly expiresIn?: number;
  }
  /** The MCP server refused a request. */
  | { readonly type: "refused"; readonly challenge: Challenge; readonly hadToken: boolean };

/** Takes what happened. */
export type OnAuthEvent = (event: AuthEvent) => void;

/** Writes events into the log. */
export function logAuthEvent(event: AuthEvent, log: Log): void {
  switch (event.type) {
    case "resource_found": {
      const { url, resource } = event.resource;
      return log.debug("OAuth", "Resource metadata", { at: url.href, resource });
    }
    case "server_found": {
      const { issuer, token_endpoint } = event.server;
      return log.debug("OAuth", "Authorization server metadata", { issuer, token_endpoint });
    }
    case "token_requested": {
      const { target: { server, scope, resource }, method, grantType } = event;
      const details = { issuer: server.issuer, method, grant: grantType, scopes: scope, resource };
      return log.debug("OAuth", "Requesting a token", details);
    }
    case "token_received": {
      const { expiresIn } = event.tokens;
      const lifetime = expiresIn === undefined ? "" : ` (expires in ${expiresIn}s)`;
      return log.info("OAuth", `Token fetched successfully${lifetime}`);
    }
  }
}
