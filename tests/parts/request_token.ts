import { importPKCS8 } from "jose";
import * as oauth from "oauth4webapi";
import type { AuthorizationServer } from "./authorization_server.ts";
import type { ClientAuthMethod } from "./oauth_clients.ts";

const { allowInsecureRequests } = oauth;

async function discover({ issuer }: AuthorizationServer) {
  const url = new URL(issuer);
  const response = await oauth.discoveryRequest(url, {
    algorithm: "oauth2",
    [allowInsecureRequests]: true,
  });
  return oauth.processDiscoveryResponse(url, response);
}

/**
 * A token for one of the registered clients, asked for without the proxy.
 *
 * @param server to ask
 * @param method of client authentication, and with it the client
 * @param parameters of the token request, such as `scope` and `resource`
 * @param DPoP key to bind the token to
 */
export async function requestToken(
  server: AuthorizationServer,
  method: ClientAuthMethod,
  parameters: Record<string, string> = {},
  DPoP?: oauth.DPoPHandle,
) {
  const { clientId, clientSecret, privateKeyPem } = server.clients[method];
  const authentication: Record<
    ClientAuthMethod,
    () => Promise<oauth.ClientAuth> | oauth.ClientAuth
  > = {
    client_secret_basic: () => oauth.ClientSecretBasic(clientSecret),
    client_secret_post: () => oauth.ClientSecretPost(clientSecret),
    client_secret_jwt: () => oauth.ClientSecretJwt(clientSecret),
    private_key_jwt: async () =>
      oauth.PrivateKeyJwt({ key: await importPKCS8(privateKeyPem, "ES256"), kid: "client-key-1" }),
    none: () => oauth.None(),
  };
  const as = await discover(server);
  const client = { client_id: clientId };
  const response = await oauth.clientCredentialsGrantRequest(
    as,
    client,
    await authentication[method](),
    new URLSearchParams(parameters),
    { DPoP, [allowInsecureRequests]: true },
  );
  return await oauth.processClientCredentialsResponse(as, client, response);
}
