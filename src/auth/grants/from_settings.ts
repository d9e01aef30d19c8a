import { once } from "../../async/once.ts";
import type { Log } from "../../log/log.ts";
import type { Redaction } from "../../log/redaction.ts";
import type { HttpClient } from "../../runtime/types.ts";
import type { Settings } from "../../settings/settings.ts";
import { IDENTITY_PROVIDER } from "../client/advice.ts";
import type { Clock } from "../client/clock.ts";
import type { OwnCredentials } from "../client/credentials.ts";
import { createTokenClient, type TokenClient } from "../tokens/token_client.ts";
import { clientCredentials } from "./client_credentials.ts";
import type { Grant } from "./grant.ts";
import { type AssertionFor, jwtBearer } from "./jwt_bearer.ts";

/** What grants are made of. */
export interface GrantParts {
  /** Requests tokens from the MCP server's authorization server. */
  readonly client: TokenClient;
  readonly credentials: OwnCredentials;
  readonly clock: Clock;
  /** Sends requests for metadata. */
  readonly metadataHttp: HttpClient;
  /** Sends without a client certificate. */
  readonly plainHttp: HttpClient;
  readonly log: Log;
  readonly redaction: Redaction;
}

/** The names of grants that request tokens. */
type GrantName = Exclude<Settings["grant"], "token">;

/** The grants by the names of `MCP_GRANT`. If one is refused, no other is tried. */
const GRANTS: Readonly<Record<GrantName, (settings: Settings, parts: GrantParts) => Grant>> = {
  "client_credentials": (_settings, { client }) => clientCredentials(client),
  "jwt-bearer": (_settings, { client, credentials }) =>
    jwtBearer(client, async () => await required(credentials.grantAssertion)()),
  "enterprise-managed": (settings, parts) =>
    jwtBearer(parts.client, identityExchange(settings, parts)),
};

/** The grant that the settings name. */
export function grantFrom(name: GrantName, settings: Settings, parts: GrantParts): Grant {
  return GRANTS[name](settings, parts);
}

/** The exchange of the enterprise-managed grant, loaded when it is first needed. */
function identityExchange(settings: Settings, parts: GrantParts): AssertionFor {
  const { credentials, clock, metadataHttp, plainHttp, log, redaction } = parts;
  const exchange = once(async () =>
    (await import("./enterprise_managed.ts")).createIdentityExchange(
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
        identity: required(credentials.identity),
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

/**
 * The audience of the client's assertions at the identity provider. A URL is meant for the
 * authorization server, unless it has the identity provider's origin.
 */
function audienceAtIdentityProvider(settings: Settings): string | undefined {
  const { assertionAudience: audience, idpIssuer, idpTokenUrl } = settings;
  if (audience === undefined || !URL.canParse(audience)) return audience;
  const provider = idpTokenUrl?.href ?? idpIssuer;
  if (provider === undefined) return undefined;
  return new URL(audience).origin === new URL(provider).origin ? audience : undefined;
}

/** What the rules of the settings demand for a grant. */
function required<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError("a setting of this grant is missing");
  return value;
}
