import { randomBytes } from "node:crypto";
import { exportJWK, generateKeyPair } from "jose";
import type * as OidcProvider from "oidc-provider/types";
import { clientMetadata, type OAuthClient } from "./oauth_clients.ts";
import { errors } from "./oidc_provider.ts";
import { createStorage } from "./oidc_storage.ts";

/** What makes one authorization server different from another. */
export interface OidcSettings {
  /** Lifetime of access tokens in seconds. @default {300} */
  readonly tokenLifetime?: number;
  /** Whether DPoP proofs need a nonce of the server (RFC 9449, section 8). @default {false} */
  readonly dpopNonce?: boolean;
  /** Who may have tokens. */
  readonly clients: readonly OAuthClient[];
  /** Resource identifiers and the scopes of each; the first is the default. Looked up per request. */
  readonly resources: ReadonlyMap<string, readonly string[]>;
}

/**
 * oidc-provider for machine clients: client credentials grant (RFC 6749, section 4.4), resource
 * indicators (RFC 8707), JWT access tokens (RFC 9068), DPoP (RFC 9449). Signing keys are its own.
 */
export async function oidcConfiguration(
  { tokenLifetime = 300, dpopNonce = false, clients, resources }: OidcSettings,
): Promise<OidcProvider.Configuration> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const signingKey = { ...await exportJWK(privateKey), kid: "1", use: "sig", alg: "ES256" };
  return {
    adapter: createStorage(),
    clients: clients.map(clientMetadata),
    clientDefaults: { id_token_signed_response_alg: "ES256" },
    jwks: { keys: [signingKey as typeof signingKey & { kty: "EC" }] },
    responseTypes: [],
    ttl: { ClientCredentials: tokenLifetime },
    assertJwtClientAuthClaimsAndHeader(ctx, claims) {
      // RFC 7523bis: the issuer and nothing else, which oidc-provider leaves to us to insist on.
      if (claims.aud !== ctx.oidc.issuer) {
        throw new errors.InvalidClientAuth("the audience of a client assertion must be the issuer");
      }
      return Promise.resolve();
    },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: {
        enabled: true,
        nonceSecret: randomBytes(32),
        requireNonce: () => dpopNonce,
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resources.keys().next().value,
        getResourceServerInfo(_ctx, resource) {
          const scopes = resources.get(resource);
          if (!scopes) throw new errors.InvalidTarget(`no such resource: ${resource}`);
          return {
            audience: resource,
            scope: scopes.join(" "),
            accessTokenFormat: "jwt",
            accessTokenTTL: tokenLifetime,
            jwt: { sign: { alg: "ES256" } },
          };
        },
      },
    },
  };
}
