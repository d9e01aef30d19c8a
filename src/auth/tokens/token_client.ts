import type { AuthorizationServer } from "oauth4webapi";
import { ProxyError } from "../../errors.ts";
import type { Log } from "../../log/log.ts";
import type { HttpClient } from "../../runtime/types.ts";
import type { Settings } from "../../settings/settings.ts";
import {
  chooseMethod,
  type ClientAuthentication,
  UNLISTED,
} from "../client/client_authentication.ts";
import type { OwnCredentials } from "../client/credentials.ts";
import type { DPoP } from "../client/dpop.ts";
import { type Grant, listsGrant } from "../grants/grants.ts";
import type { Target } from "./target.ts";
import { requestToken, sendTokenRequest, tokenEndpointOf } from "./token_request.ts";
import type { Token } from "./token_source.ts";

/** Asks authorization servers for tokens, as the client of the settings. */
export interface TokenAsker {
  /** How the client would authenticate at a server; `undefined` if it cannot. */
  methodAt(server: AuthorizationServer): ClientAuthentication | undefined;
  /** Whether a server's metadata offers all that the client needs. */
  isOfferedBy(server: AuthorizationServer): boolean;
  /** Asks for a token. Rejects with a `ProxyError`. */
  ask(target: Target): Promise<Token>;
}

/** Creates a {@linkcode TokenAsker}. */
export function createTokenAsker({ settings, credentials, grant, dpop, http, log, onToken }: {
  settings: Settings;
  credentials: OwnCredentials;
  grant: Grant;
  /** Creates the key that tokens are bound to; called only if the settings require it. */
  dpop: () => Promise<DPoP>;
  http: HttpClient;
  log: Log;
  /** Told of each token that there was. */
  onToken?: () => void;
}): TokenAsker {
  const mutualTls = settings.clientCert !== undefined;
  let isUntypedTold = false;

  function methodsOf(server: AuthorizationServer): readonly string[] {
    const listed = server.token_endpoint_auth_methods_supported ?? UNLISTED;
    // An assertion is a credential already (RFC 7523 section 3.1).
    return grant.type === "client_credentials" ? listed : [...listed, "none"];
  }

  function methodAt(server: AuthorizationServer): ClientAuthentication | undefined {
    return chooseMethod(credentials, methodsOf(server), settings.authMethod);
  }

  function isOfferedBy(server: AuthorizationServer): boolean {
    const chosen = methodAt(server);
    return chosen !== undefined && methodsOf(server).includes(chosen.method) &&
      listsGrant(grant, server.grant_types_supported) &&
      (!settings.dpop || server.dpop_signing_alg_values_supported !== undefined);
  }

  async function send(
    target: Target,
    { authenticate }: ClientAuthentication,
    left: number,
  ): Promise<Token> {
    return await sendTokenRequest({
      server: target.server,
      clientId: settings.clientId,
      clientAuthentication: authenticate,
      grantType: grant.type,
      parameters: new URLSearchParams([
        ...settings.tokenParams ?? [],
        ...Object.entries(await grant.parameters(target)),
        ...target.scope ? [["scope", target.scope]] : [],
        ...target.resource ? [["resource", target.resource]] : [],
      ]),
      dpop: settings.dpop ? (await dpop()).handle : undefined,
      mutualTls,
      left,
      onUntyped,
      hint: target.hint,
    }, http);
  }

  function onUntyped(): void {
    if (isUntypedTold) return;
    isUntypedTold = true;
    log.warn("OAuth", "The token answer has no token_type; treating it as a bearer token");
  }

  /** The secret may have changed at its source since it was read. */
  async function withFreshSecret(attempt: () => Promise<Token>): Promise<Token> {
    try {
      return await attempt();
    } catch (error) {
      const refused = error instanceof ProxyError && isWrongCredential(error.details.oauthError);
      if (!refused || !await credentials.renew().catch(() => false)) throw error;
      return await attempt();
    }
  }

  async function ask(target: Target): Promise<Token> {
    const { server, scope, resource } = target;
    const chosen = methodAt(server);
    if (!chosen) throw noMethod(server);
    const { method } = chosen;
    const { issuer } = server;
    log.debug("OAuth", "Asking for a token", {
      issuer,
      method,
      grant: grant.type,
      scopes: scope,
      resource,
    });
    const endpoint = tokenEndpointOf({ server, mutualTls });
    const attempt = (left: number) => withFreshSecret(() => send(target, chosen, left));
    const token = await requestToken(attempt, settings.tokenTimeout, endpoint, log);
    onToken?.();
    return token;
  }

  return { methodAt, isOfferedBy, ask };
}

/**
 * Whether an OAuth error can mean a wrong credential. Keycloak answers a wrong secret with
 * `unauthorized_client`.
 */
function isWrongCredential(code: string | undefined): boolean {
  return code === "invalid_client" || code === "unauthorized_client";
}

function noMethod(server: AuthorizationServer): ProxyError {
  const methods = server.token_endpoint_auth_methods_supported?.join(", ");
  return new ProxyError(
    "token",
    `OAuth token fetch failed: ${server.issuer} takes ${methods}, but no credential for it is set. ` +
      "Set MCP_CLIENT_SECRET or MCP_PRIVATE_KEY_FILE",
    { mayHaveRun: false },
  );
}
